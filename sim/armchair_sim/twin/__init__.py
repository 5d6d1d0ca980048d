"""The twin: a simulated SO-101 behind a serial port, answering byte for byte as six Feetech STS3215 servos do."""
