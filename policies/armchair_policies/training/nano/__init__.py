"""Training of the nano policy, on CPU cores."""
