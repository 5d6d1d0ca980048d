"""Simulated recording of the scripted expert, on all cores."""
