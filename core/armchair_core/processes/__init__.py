"""Processes: parallel maps, Ray clusters, scheduling priority, and shared memory between them."""
