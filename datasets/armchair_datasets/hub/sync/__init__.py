"""Synchronisation of a classroom hub with another Hub."""
