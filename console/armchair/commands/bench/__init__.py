"""The dialogues at the bench, behind `armchair setup`, `setup-motors` and `calibrate`."""
