"""The commands of `armchair`, one file a command."""
