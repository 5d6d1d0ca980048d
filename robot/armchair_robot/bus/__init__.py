"""The serial bus to the servos: ports, transports, locks and register access."""
