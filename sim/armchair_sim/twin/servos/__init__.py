"""The twin's servos: control tables, operating modes, electrics and protection, for a follower and a leader."""
