"""Recording: episodes written durably, and assembled into a LeRobotDataset.

simulated/      a scripted expert in simulation, on all cores
real_time/      an arm and whoever moves it, by the clock

format          what all episodes of a recording share, and its columns
episode_folder  one finished episode on disk
video_encoder   a camera's frames as H.264
image_stats     a camera's statistics
workspace       the working folder until the dataset is in its place
assemble        episode folders -> dataset
check           the dataset through the eyes of stock LeRobot
build           begin, build and finish a recording
"""
