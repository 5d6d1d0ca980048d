"""Real-time evaluation: trials on the twin or a real arm, by the clock."""
