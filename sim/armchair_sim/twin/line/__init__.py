"""The twin's serial line: port, half-duplex timing, and the bus that answers on it."""
