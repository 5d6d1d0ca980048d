"""LeRobot's own command line for each command of ours, ready to paste, for `--dry-run` and `armchair twin`.

Every function returns lines for a shell: the command, and as comments what LeRobot does differently or not at all.
Written for lerobot 0.6.1; a test lets its own parsers read them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from armchair_core.command_line import runnable
from armchair_policies.evaluation.request import EvalRequest
from armchair_robot.devices.arms import TWIN, port_of

# LeRobot's default, AV1, takes all cores for seconds after each episode, and the cameras' pictures get old.
_CODEC = "--dataset.rgb_encoder.vcodec=h264"
TWIN_ID = "armchair_twin"  # of the twin's follower and leader, where no other is given
_TYPES = {"follower": ("robot", "so101_follower", "armchair_so101"),
          "leader": ("teleop", "so101_leader", "armchair_so101_leader")}  # fmt: skip


def arm_words(kind: str, port: str, arm_id: str | None = None, cameras: str | None = None) -> list[str]:
    """`--robot.…` for a follower, `--teleop.…` for a leader. `cameras` as for `--robot.cameras`.

    LeRobot's own drivers know serial ports alone; the plugin's know ``tcp://`` too.
    """
    name, serial, tcp = _TYPES[kind]
    words = [f"--{name}.type={tcp if port.startswith('tcp://') else serial}", f"--{name}.port={port}"]
    words += [f"--{name}.id={arm_id}"] if arm_id else []
    return words + ([f"--{name}.cameras={cameras}"] if cameras else [])


def follower_words(arm: str, arm_id: str | None, cameras: str | None = None) -> list[str]:
    """`--robot.…` of the follower at `arm`: a port, or ``twin``.

    The type is this package's, which shows the hand where the arm is; all else about it is the stock follower's.
    """
    arm_id = arm_id or (TWIN_ID if arm == TWIN else None)
    serial = arm_words("follower", port_of(arm, "follower"), arm_id, cameras)
    return ["--robot.type=armchair_so101", *serial[1:]]


def teleoperator_words(
    hand: str, leader: str, leader_id: str | None, episode: str | None, port: int | None = None, lan: bool = False
) -> list[str]:
    """`--teleop.…` of a hand of `armchair_robot.teleoperators.people`."""
    from armchair_robot.teleoperators.people import split_episode

    if hand == "leader":
        return arm_words("leader", port_of(leader, "leader"), leader_id or (TWIN_ID if leader == TWIN else None))
    words = [f"--teleop.type=armchair_{hand}"]
    if hand == "replay":
        root, number = split_episode(episode)
        words += [f"--teleop.root={root}", f"--teleop.episode={number}"]
    elif hand == "network":
        words += ([f"--teleop.port={port}"] if port is not None else []) + ["--teleop.lan=true"] * lan
    return words


def twin_cameras(names: Sequence[str]) -> str | None:
    """The twin's cameras as `--robot.cameras` takes them; None if it shows none."""
    return "{" + ", ".join(f"{name}: {{type: armchair, name: {name}}}" for name in names) + "}" if names else None


def calibrate(kind: str, port: str, arm_id: str, joint: str | None = None) -> list[str]:
    """`armchair calibrate`"""
    lines = [runnable("lerobot-calibrate", *arm_words(kind, port, arm_id))]
    return lines + (["# LeRobot calibrates all joints; it cannot do one of them."] if joint else [])


def setup_motors(kind: str, port: str, joint: str | None = None) -> list[str]:
    """`armchair setup-motors`"""
    lines = [runnable("lerobot-setup-motors", *arm_words(kind, port))]
    return lines + (
        ["# LeRobot goes through all motors, the gripper first; it cannot do one of them."] if joint else []
    )


def teleoperate(robot: Sequence[str], teleop: Sequence[str], fps: int | None = None) -> list[str]:
    """`armchair teleoperate`; `robot` and `teleop` are words such as `arm_words` gives."""
    rate = [f"--fps={fps}"] if fps else []
    return [runnable("lerobot-teleoperate", *robot, *teleop, *rate)]


@dataclass(frozen=True)
class DatasetOptions:
    """The `--dataset.…` of `lerobot-record`: takes of `episode_s` seconds, `reset_s` seconds apart."""

    repo_id: str
    task: str
    episodes: int
    episode_s: float
    reset_s: float
    root: Path | None = None
    append: bool = False

    @property
    def words(self) -> list[str]:
        """As they are typed. The dataset is not uploaded."""
        words = [
            f"--dataset.repo_id={self.repo_id}", f"--dataset.num_episodes={self.episodes}",
            f"--dataset.episode_time_s={self.episode_s:g}", f"--dataset.reset_time_s={self.reset_s:g}",
            "--dataset.push_to_hub=false", f"--dataset.single_task={self.task}", _CODEC,
        ]  # fmt: skip
        words += [f"--dataset.root={self.root}"] if self.root else []
        return words + (["--resume=true"] if self.append else [])


def record(robot: Sequence[str], teleop: Sequence[str], dataset: DatasetOptions) -> list[str]:
    """`armchair record` in real time"""
    return [runnable("lerobot-record", *robot, *teleop, *dataset.words)]


def record_in_simulation() -> list[str]:
    """`armchair record` without an arm"""
    return ["# LeRobot has no command that records a scripted hand in simulation."]


def run(robot: Sequence[str], policy: Path | str, task: str, duration_s: float) -> list[str]:
    """`armchair run`"""
    words = [f"--policy.path={policy}", "--policy.device=cpu", f"--task={task}", f"--duration={duration_s:g}"]
    return [
        runnable("lerobot-rollout", *robot, *words),
        "# LeRobot runs for a time and does not judge: neither scenes nor successes are counted.",
    ]


def train(dataset: Path, out: Path, seed: int = 0, resume: bool = False, steps: int | None = None) -> list[str]:
    """`armchair train`"""
    if resume:
        return ["# LeRobot cannot go on with this training: it looks for a train_config.json of its own."]
    words = [
        f"--dataset.repo_id=armchair/{dataset.name}", f"--dataset.root={dataset}", "--policy.type=nano",
        "--policy.device=cpu", "--policy.push_to_hub=false", f"--output_dir={out}", f"--seed={seed}",
    ]  # fmt: skip
    if steps is not None:
        return [runnable("lerobot-train", *words, f"--steps={steps}")]
    return [runnable("lerobot-train", *words), "# LeRobot trains for a number of --steps, not for minutes."]


def evaluate(request: EvalRequest) -> list[str]:
    """`armchair eval`

    Raises:
        ArmchairError: if there is no such hand, folder, task or environment.
    """
    from armchair_policies.evaluation.candidate import find_candidate

    who, _ = find_candidate(request)
    if who.folder is None:
        return [f"# LeRobot judges policies only, and {request.policy} is none."]
    words = [
        f"--env.type={request.env or 'armchair'}", f"--env.task={who.task}", f"--policy.path={who.folder}",
        "--policy.device=cpu", f"--eval.n_episodes={request.episodes}", "--eval.batch_size=1",
        f"--seed={request.seed}", f"--output_dir={request.out}",
    ]  # fmt: skip
    lines = [runnable("lerobot-eval", *words), "# LeRobot gives the share of successes without an interval."]
    lines += ["# LeRobot gives a scene the task's own time."] if request.episode_s is not None else []
    return lines + (["# LeRobot varies nothing: this is the world as it was recorded."] if request.suite else [])


def doctor() -> list[str]:
    """`armchair doctor`"""
    return [
        runnable("lerobot-find-port"),
        "# LeRobot finds a port by unplugging; it has nothing that looks at servos, calibrations or cameras.",
    ]


def push(kind: str, folder: Path, repo_id: str, public: bool) -> list[str]:
    """`armchair push` of a ``dataset`` or ``policy``."""
    seen_by = "False" if public else "True"
    if kind == "dataset":
        code = (
            "from lerobot.datasets import LeRobotDataset; "
            f"LeRobotDataset({repo_id!r}, root={str(folder)!r}).push_to_hub(private={seen_by})"
        )
        line = runnable("python", "-c", code)
    else:
        line = runnable("hf", "upload", repo_id, folder, ".", *([] if public else ["--private"]))
    return [line, "# It is sent as it is: no look for names and tokens, no comparison afterwards, no going on later."]
