"""The SO-101 arm as numbers: its joints, units and kinematics."""
