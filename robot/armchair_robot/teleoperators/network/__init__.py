"""The network teleoperator: a page or a program that drives the arm over a WebSocket."""
