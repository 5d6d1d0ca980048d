"""The classroom hub: the part of the Hub's API that LeRobot and huggingface_hub use, served from one folder."""
