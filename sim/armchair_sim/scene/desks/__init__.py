"""The parts in which one person's desk differs from another's: patterns, clutter, the camera's lens."""
