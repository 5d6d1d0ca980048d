"""The twin's cameras: a render process and the frames that it shares."""
