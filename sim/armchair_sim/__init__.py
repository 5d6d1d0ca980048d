"""The simulation: an SO-101, its servos, a table, tasks, cameras and an expert. Import what you need by module."""

from armchair_sim.opengl import choose_opengl

choose_opengl()
