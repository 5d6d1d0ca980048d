"""The foundation of every room: the arm and servo as numbers, files, processes. It imports no other room."""
