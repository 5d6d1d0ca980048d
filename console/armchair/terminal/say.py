"""A printed line, for all commands."""


def say(text: str = "") -> None:
    """Print a line as it is: never wrapped, so that commands and paths can be copied."""
    print(text, flush=True)
