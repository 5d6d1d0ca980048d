"""The inputs that move the twin's leader arm: keys in its terminal, and a scripted calibration sweep."""
