"""Real-time recording from the twin or a real arm, take by take."""
