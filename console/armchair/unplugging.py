"""Tell arms apart by their plugs, as `lerobot-find-port` does: it needs no power at the arm, and nothing is moved."""

from typing import TYPE_CHECKING

from armchair_sim.errors import ArmchairError

if TYPE_CHECKING:
    from armchair.questions import Questions
    from armchair_robot.ports import Port


def told_apart(ports: "list[Port]", ask: "Questions") -> "dict[str, Port]":
    """The follower's port among two or more, and the leader's.

    Raises:
        ArmchairError: if not exactly one port goes away with a plug.
    """
    follower = _pulled("FOLLOWER", ports, ask)
    others = [port for port in ports if port != follower]
    return {"follower": follower, "leader": others[0] if len(others) == 1 else _pulled("LEADER", others, ask)}


def _pulled(arm: str, ports: "list[Port]", ask: "Questions") -> "Port":
    from armchair_robot.ports import find_ports

    ask.enter(f"Pull the {arm}'s USB plug out of this computer.")
    there = {port.path for port in find_ports()}
    gone = [port for port in ports if port.path not in there]
    if len(gone) != 1:
        raise ArmchairError(
            f"{len(gone)} of {len(ports)} ports went away with that plug, not one: try again, or name the arms with "
            "--arm and --leader."
        )
    ask.enter("Plug it in again.")
    return gone[0]
