"""Is an episode worth keeping? The same rules judge a take just recorded and any LeRobotDataset on the disk.

signals    an episode as numbers, its pictures as thumbnails
rules/     one small function a fault: (signals, context) -> findings
finding    what a rule found, in words
verdict    all rules on one episode: good, odd or bad

info       meta/info.json, and that nothing in it points outside the dataset
layout     the other tables, and which files hold an episode
reels      a camera's pictures, decoded in order
reading    episodes as signals
ledger     what a dataset says of itself against what it holds
dataset    all of it together: check(root)
page       the result as one page with pictures
"""
