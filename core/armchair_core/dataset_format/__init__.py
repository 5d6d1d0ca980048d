"""The LeRobotDataset v3.0 format as files: layout, columns, rows and videos. Read without the Hub or PyTorch.

columns    the names of the columns, LeRobot's and ours
info       meta/info.json: is this a dataset, and does nothing in it point outside its folder
about      meta/armchair.json, the provenance file that only our datasets have
tables     parquet files as tables, and the tasks' sentences
layout     which files hold an episode
rows       episodes as arrays
statistics are they what training needs to normalise
stock      what of it stock LeRobot fails at, and our readers do not
videos     a camera's frames, decoded in order
"""
