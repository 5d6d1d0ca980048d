"""The training behind `armchair train`: nano, or one of the policies of LeRobot."""
