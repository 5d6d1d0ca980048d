"""The web server of the page: application, broadcast, viewers, start and stop."""
