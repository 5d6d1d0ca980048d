"""The keys of an operator who stands at the arm while takes are recorded or a policy is judged."""

# The arrows and ESC mean what they mean in `lerobot-record`.
KEYS = {
    b"\x1b[C": "next", b" ": "next", b"\x1b[D": "redo", b"r": "redo", b"f": "fail", b"q": "quit", b"\x1b": "quit",
}  # fmt: skip


def commands_of(typed: bytes) -> list[str]:
    """Return the commands that keys stand for, in their order; other keys mean nothing."""
    found = []
    while typed:
        key = next((key for key in KEYS if typed.startswith(key)), typed[:1])
        found.append(KEYS.get(key))
        typed = typed[len(key) :]
    return [command for command in found if command]
