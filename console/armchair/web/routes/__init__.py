"""The HTTP routes of the page, a file a view."""
