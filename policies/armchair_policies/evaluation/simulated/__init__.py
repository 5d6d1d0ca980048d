"""Simulated evaluation: one episode a scene, on all cores."""
