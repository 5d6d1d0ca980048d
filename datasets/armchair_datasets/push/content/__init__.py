"""The content of an upload: which files go, whether they are complete, and what they would give away."""
