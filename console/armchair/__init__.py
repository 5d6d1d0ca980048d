"""The face: the `armchair` command line and its demo. Importing it is light."""
