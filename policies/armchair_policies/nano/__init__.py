"""The nano policy: pictures and joint positions to a chunk of actions, trained in minutes on two cores."""
