"""Dataset editing: episodes removed and tagged.

remove  take episodes out, rows and pictures
tags    words that people give to episodes
"""
