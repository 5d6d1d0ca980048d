"""LeRobotDatasets that a crash broke, made whole again as far as their bytes reach. `mend` is the way in.

examine   what is on the disk: rows (also without a footer), videos, tables  -> Findings, changes nothing
rebuild   the whole episodes as a new dataset beside the broken one
work      build, check, swap: whatever kills the process, the original stands whole under one of two names
"""
