"""Dataset repair: LeRobotDatasets that a crash broke, made whole again as far as their bytes reach.

repair     the way in: examine, rebuild, check, swap
examine    what is on the disk: rows (also without a footer), videos, tables  -> Findings, changes nothing
rebuild    the whole episodes as a new dataset beside the broken one
check      the new dataset through the eyes of stock LeRobot
workspace  the swap: whatever kills the process, the original stands whole under one of two names

Its readers are its own where a broken file is what they are about: `info` reads a torn info.json, `parquet` rows
without a footer. What a whole file says is read by `armchair_core.dataset_format`.
"""
