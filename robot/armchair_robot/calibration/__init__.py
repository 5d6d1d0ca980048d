"""Calibration of an arm, and motor ids, in LeRobot's formats and places.

Nothing is written, neither into a servo nor into a file, before everything has been measured.
"""
