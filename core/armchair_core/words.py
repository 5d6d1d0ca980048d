"""Numbers of things in words. No I/O."""


def number_of(count: float, thing: str, things: str | None = None) -> str:
    """Return ``1 episode``, ``2,000 episodes``, ``0.5 minutes``; `things` where an s is not enough."""
    number = f"{count:,}" if isinstance(count, int) else f"{count:g}"
    return f"{number} {thing if count == 1 else things or f'{thing}s'}"
