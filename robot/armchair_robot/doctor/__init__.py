"""The doctor, which says in plain words what is wrong with a bus of servos and its cameras, and what to do next.

probe -> scan -> examination: what is so.  checks -> verdict: what that means.  wiggle: the one part that moves
anything.
"""
