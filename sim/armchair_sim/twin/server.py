"""The server of the twin: physics by the clock, two buses that answer at once, and one loop for both.

Everything here happens in one thread: it sleeps until a driver's bytes arrive, a reply is due or a physics step
is, whichever comes first. Cameras are drawn in another process, so that no picture delays a reply.
"""

import os
import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError, unknown_name
from armchair_core.so101.joints import JOINTS
from armchair_sim.scene.world import FPS, STEPS_PER_TICK, TIMESTEP_S
from armchair_sim.twin import runtime
from armchair_sim.twin.bench import FACTORY_NEW, Bench
from armchair_sim.twin.cameras.process import CameraProcess
from armchair_sim.twin.control import ControlServer
from armchair_sim.twin.faults import Breaker
from armchair_sim.twin.leader_input.calibration_sweep import middle, sweep_path
from armchair_sim.twin.leader_input.keyboard import KeyboardInput
from armchair_sim.twin.line.bus import Bus
from armchair_sim.twin.line.half_duplex import HalfDuplexLine
from armchair_sim.twin.line.port import PtyPort, TcpPort
from armchair_sim.twin.servos.eprom import read_eproms, write_eproms

_STEPS_PER_STATE = 5  # the cameras hear 60 times a second where everything is
_MOST_BEHIND_S = 0.1  # after a longer pause (a suspended laptop) time is skipped, not caught up
_DRIVEN_S = 1.0  # a line that was used within this time is in use


@dataclass(frozen=True)
class TwinOptions:
    """The options of a twin.

    `hand` moves the leader, for `episode_s` in a scene. A `new_arm` has servos fresh from the factory: all of them
    have id 1, and only one of them should be connected at a time until `lerobot-setup-motors` has been through.
    """

    task: str
    seed: int = 0
    hand: str = "expert"
    episode_s: float = 8.0
    paced: bool = True
    tcp: bool = False
    cameras: bool = True
    new_arm: bool = False


class Twin:
    """A bench behind two ports, in a folder where it can be found."""

    def __init__(self, options: TwinOptions, folder: Path, keys: int | None = None) -> None:
        """`keys` is the file number of a terminal that the hand `keyboard` listens to."""
        self.options, self.folder = options, folder
        eproms = FACTORY_NEW if options.new_arm else read_eproms(runtime.lasting_dir())
        self.bench = Bench(options.task, options.seed, options.hand, options.episode_s, eproms)
        self.wires = {
            name: HalfDuplexLine(Bus(arm.memories), TcpPort() if options.tcp else PtyPort(folder / name), options.paced)
            for name, arm in self.bench.arms.items()
        }
        self._cameras = CameraProcess(options.task, self.bench.world.model, folder) if options.cameras else None
        self._breaker = Breaker(self.bench.follower, self.wires["follower"], self._cameras)
        self._control = ControlServer(folder / "control", self.answer)
        self._keys = keys
        self._stopped = False
        self.skipped_s = 0.0  # of physics, because the machine was too slow

    def wait_until_ready(self) -> None:
        """Return when the cameras have sent their first pictures.

        Raises:
            ArmchairError: if they cannot.
        """
        if self._cameras is not None:
            self._cameras.show(self.bench.world.data, self.bench.world.scene)
            self._cameras.wait()

    def note(self) -> dict[str, Any]:
        """Return what twin.json says: everything that somebody needs to use this twin."""
        return {
            "pid": os.getpid(),
            "task": self.options.task,
            "instruction": self.bench.world.task.instruction,
            "seed": self.options.seed,
            "hand": self.options.hand,
            "ports": {name: wire.port.address for name, wire in self.wires.items()},
            "cameras": {name: str(slot.path) for name, slot in self._cameras.slots.items()} if self._cameras else {},
            "folder": str(self.folder),
            "calibration": {name: arm.calibration() for name, arm in self.bench.arms.items()},
        }

    def close(self) -> None:
        """Save the EPROMs and remove everything else. Safe to call twice."""
        runtime.remove_note(self.folder)
        self._breaker.mend()
        write_eproms(runtime.lasting_dir(), self.bench.arms)
        for wire in self.wires.values():
            wire.port.unplug()
        self._control.close()
        if self._cameras is not None:
            self._cameras.close()

    def stop(self) -> None:
        """End `run` after the step under way; may be called from a signal handler."""
        self._stopped = True

    # --- the loop -------------------------------------------------------------------------------------------
    def run(self, on_second: Callable[["Twin"], None] = lambda twin: None) -> None:
        """Serve until `stop`. `on_second` is called once a second and must be quick."""
        due_s = time.monotonic()
        while not self._stopped:
            self._wait(min(due_s, *(wire.next_s for wire in self.wires.values())))
            now_s = time.monotonic()
            self._talk(now_s)
            if now_s - due_s > _MOST_BEHIND_S:
                self.skipped_s += now_s - due_s
                due_s = now_s
            if due_s <= now_s:  # one step: where many are behind, a driver is heard between them
                self._step(now_s)
                due_s += TIMESTEP_S
                if self.bench.steps % (FPS * STEPS_PER_TICK) == 0:
                    on_second(self)

    def _wait(self, until_s: float) -> None:
        """Sleep until something is to be read or a moment comes."""
        ports = [fileno for wire in self.wires.values() for fileno in wire.port.filenos()]
        others = [self._control.fileno(), *([] if self._keys is None else [self._keys])]
        # 300 times a second and with ports that come and go: cheaper than keeping a selector up to date.
        ready, _, _ = select.select([*ports, *others], [], [], max(0.0, until_s - time.monotonic()))
        if self._control.fileno() in ready:
            self._control.serve()
        keyboard = self.bench.director.leader_input
        if self._keys in ready and isinstance(keyboard, KeyboardInput):
            keyboard.type(os.read(self._keys, 1024))

    def _talk(self, now_s: float) -> None:
        for name, wire in self.wires.items():
            if wire.hear(now_s):
                self.bench.arms[name].take_writes()
            wire.send_due(now_s)

    def _step(self, now_s: float) -> None:
        silent_s = now_s - max(wire.last_heard_s for wire in self.wires.values())
        self.bench.step(now_s - self.wires["leader"].last_loop_s, silent_s)
        if self._cameras is not None and self.bench.steps % _STEPS_PER_STATE == 0:
            self._cameras.show(self.bench.world.data, self.bench.world.scene)

    # --- what others may ask --------------------------------------------------------------------------------
    def answer(self, request: Any) -> dict[str, Any]:
        """Do what a request asks, and return the status after it.

        Raises:
            ArmchairError: if it cannot be done.
        """
        match request:
            case {"do": "status"}:
                pass
            case {"do": "scene", "seed": int(seed)} if seed >= 0:
                self.bench.director.set_scene(seed)
                return self.status() | {"object_at_m": self.bench.world.object_at}
            case {"do": "rest"}:
                self.bench.director.rest()
            case {"do": "fault", "name": str(name), "at": str(place)}:
                self._breaker.set(name, place)
            case {"do": "mend"}:
                self._breaker.mend()
            case {"do": "connect", "joint": str(joint)}:
                self._connect(joint)
            case {"do": "middle"}:
                self.bench.take_by_hand(middle()[None])
            case {"do": "sweep"}:
                self.bench.take_by_hand(sweep_path())
            case {"do": "stop"}:
                self.stop()
            case _:
                raise ArmchairError(f"the twin cannot do {request!r}: see `{typed('twin', '--help')}`.")
        return self.status()

    def status(self) -> dict[str, Any]:
        """Return scene, success, faults, which line is in use, and where the follower is in LeRobot's units."""
        now_s, director = time.monotonic(), self.bench.director
        return {
            "scene": director.scene.seed,
            "success": director.scene.success,
            "played": [[scene.seed, scene.success] for scene in director.played],
            "faults": self._breaker.names(),
            "driven": {name: now_s - wire.last_heard_s < _DRIVEN_S for name, wire in self.wires.items()},
            "guided": self.bench.guided,
            "motors_on": self.bench.motors_on(),
            "follower": [round(float(value), 2) for value in self.bench.world.state],
            "skipped_s": round(self.skipped_s, 2),
        }

    def _connect(self, joint: str) -> None:
        """Leave only one motor of each arm on its line, or put all of them back."""
        if joint != "all" and joint not in JOINTS:
            raise unknown_name("motor", joint, (*JOINTS, "all"))
        for name, arm in self.bench.arms.items():
            motors = zip(JOINTS, arm.memories, strict=True)
            self.wires[name].bus.memories = [memory for motor, memory in motors if joint in (motor, "all")]
