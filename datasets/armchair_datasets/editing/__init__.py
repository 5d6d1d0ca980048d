"""Dataset editing: episodes removed and tagged."""
