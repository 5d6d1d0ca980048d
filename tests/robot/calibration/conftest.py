"""A bench in this process: stock buses whose servos are objects, and hands that move them as fast as physics goes."""

import pytest

from armchair_core.so101 import kinematics
from armchair_robot.bus.transports import FeedTransport, use_transport
from armchair_robot.calibration.limp_arm import LimpArm, make_bus, switch_off
from armchair_robot.devices.armchair_so101 import ArmchairSO101, ArmchairSO101Leader
from armchair_robot.devices.arms import let_go
from armchair_robot.devices.config_armchair_so101 import ArmchairSO101Config, ArmchairSO101LeaderConfig
from armchair_sim.twin.bench import FACTORY_NEW, Bench
from armchair_sim.twin.leader_input.calibration_sweep import middle, sweep_path
from armchair_sim.twin.line.bus import Bus

_STEPS_A_PACKET = 6  # 20 ms of the bench's time
_DEVICES = {
    "follower": (ArmchairSO101, ArmchairSO101Config),
    "leader": (ArmchairSO101Leader, ArmchairSO101LeaderConfig),
}


class Workshop:
    """A follower and a leader whose time goes on with every packet that is sent to them."""

    def __init__(self, new: bool = False) -> None:
        """`new`: servos fresh from the factory."""
        self.bench = Bench("reach", 0, "still", 1e6, FACTORY_NEW if new else {})
        self.buses = {kind: Bus(arm.memories) for kind, arm in self.bench.arms.items()}
        self._opened = []

    def memories(self, kind: str = "follower"):
        return self.bench.arms[kind].memories

    def arm(self, kind: str = "follower") -> LimpArm:
        arm = LimpArm(kind, "here", make_bus("in this process"))
        self.plug(kind, arm.bus)
        arm.bus.connect(handshake=False)
        switch_off(arm)
        self._opened.append(arm)
        return arm

    def device(self, kind: str, folder, arm_id: str):
        """Stock, not connected yet."""
        device, config = _DEVICES[kind]
        made = device(config(port="in this process", id=arm_id, calibration_dir=folder))
        self.plug(kind, made.bus)
        self._opened.append(made)
        return made

    def plug(self, kind: str, bus) -> None:
        use_transport(bus, lambda: FeedTransport(lambda data: self._feed(kind, data)))

    def to_middle(self) -> None:
        self.bench.take_by_hand(middle()[None])
        while self.bench.guided:
            self.step()

    def sweep(self, joint: str | None = None) -> None:
        """Begin to lead all joints to both of their stops, or one."""
        path = sweep_path()
        at = 0 if joint is None else 1 + 3 * kinematics.JOINTS.index(joint)
        self.bench.take_by_hand(path if joint is None else path[at : at + 3])

    def step(self) -> None:
        self.bench.step(0.0, 0.0)

    def close(self) -> None:
        for device in self._opened:
            let_go(device)

    def _feed(self, kind: str, data: bytes) -> bytes:
        answer = b"".join(reply.data for reply in self.buses[kind].feed(data))
        self.bench.arms[kind].take_writes()
        for _ in range(_STEPS_A_PACKET):
            self.step()
        return answer


@pytest.fixture
def new_workshop(steady_driver):
    made = []

    def make(new: bool = False) -> Workshop:
        made.append(Workshop(new))
        return made[-1]

    yield make
    for workshop in made:
        workshop.close()


@pytest.fixture
def workshop(new_workshop):
    return new_workshop()
