"""The server of the classroom hub: application, request guard, start and stop."""
