"""Simulated recording of the scripted expert, on all cores.

plan       what is asked for, and the plan that follows
preflight  the checks before anything is touched
worker     one process: an episode in its own environment
record     all of it: attempts, failures, the dataset
"""
