"""The terminal: what all commands show, ask and print there."""
