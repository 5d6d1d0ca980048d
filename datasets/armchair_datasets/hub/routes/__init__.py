"""The HTTP routes of the classroom hub."""
