"""The page's arm: the process that has it, and the client that talks to that process."""
