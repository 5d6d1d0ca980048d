"""Quality: is an episode worth keeping? The same rules judge a take just recorded and any LeRobotDataset on the disk.

signals      an episode as numbers, its pictures as thumbnails
rules/       one small function a fault: (signals, context) -> findings
finding      what a rule found, in words
verdict      all rules on one episode: good, odd or bad

consistency  what a dataset says of itself against what it holds
check        all of it together: check(root)
page         the result as one page with pictures
summary      what a dataset holds and how well it kept time, without judging
"""
