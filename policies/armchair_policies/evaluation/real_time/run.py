"""The rollout of a policy on the twin or on a real arm, judged, or recorded with a person's corrections.

Everything that was asked for is checked before a motor is switched on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from armchair_core.command_line import typed
from armchair_core.errors import ArmchairError
from armchair_core.so101.kinematics import START
from armchair_datasets.recording.real_time.scenes import OwnTable, TwinTable
from armchair_datasets.recording.real_time.session import NOBODY, Rules, SessionOperator
from armchair_datasets.recording.real_time.station import Station
from armchair_datasets.recording.workspace import refuse_used_folder
from armchair_policies.evaluation.candidate import Candidate, check_name
from armchair_policies.evaluation.plan import refuse_training_seeds
from armchair_policies.evaluation.real_time.trials import TrialsEnd, Turns, run_trials
from armchair_policies.evaluation.report.report import write_report
from armchair_policies.evaluation.results import ARM, TWIN, EvalResult, instruction_of, save_result, summarise
from armchair_policies.skills import locate_policy
from armchair_policies.training.loss_curve import loss_curve
from armchair_robot.arm_options import ArmOptions
from armchair_robot.devices import arms
from armchair_robot.rollout.config_policy_teleoperator import ArmchairPolicyConfig
from armchair_robot.rollout.homing import Homing
from armchair_robot.rollout.intervention import Takeover
from armchair_robot.rollout.policy import check_cameras
from armchair_robot.rollout.policy_folder import PolicyFolder, open_policy_folder
from armchair_robot.rollout.policy_teleoperator import ArmchairPolicy
from armchair_robot.safety.torque_off import held
from armchair_robot.teleoperators.jog_teleoperator import PersonTeleoperator
from armchair_robot.teleoperators.people import check_person_teleoperator, open_person_teleoperator
from armchair_sim.seeds import evaluation_seeds
from armchair_sim.tasks import get_task

if TYPE_CHECKING:
    from lerobot.robots.so_follower import SO101Follower

_OPERATOR_S = 20.0  # for a trial that only the operator can judge


@dataclass(frozen=True)
class RealTimeRequest:
    """A policy's rollout as it is asked for: so many trials with this arm, on a twin from the scene of `seed` on.

    `arm.task` None means the twin's or the policy's own; `arm.teleoperator` is who may take over from it, None for
    nobody. A trial may last `episode_s` seconds, None for the task's own time; `reset_s` is the time between two.
    """

    policy: str
    arm: ArmOptions
    episodes: int
    seed: int
    episode_s: float | None = None
    reset_s: float = 3.0


@dataclass(frozen=True)
class Host:
    """A program that has the arm already: the teleoperator of who may take over, and how the arm is opened."""

    person: PersonTeleoperator
    open_follower: Callable[[], "SO101Follower"]


@dataclass(frozen=True)
class RealTimePlan:
    """A rollout that can be held: the policy fits, and there is an arm for it."""

    asked: RealTimeRequest
    found: PolicyFolder
    task: str
    note: dict[str, Any] | None  # the twin's

    @property
    def instruction(self) -> str:
        """The sentence of the task."""
        return instruction_of(self.task)

    @property
    def rules(self) -> Rules:
        """How many trials, of which length."""
        usual_s = get_task(self.task).time_limit_s if self.note else _OPERATOR_S
        return Rules(self.asked.episodes, self.asked.episode_s or usual_s, self.asked.reset_s)

    def candidate(self, cameras: dict[str, tuple[int, int]]) -> Candidate:
        """Return who is judged, seeing pictures of (height, width) from these cameras."""
        height, width = next(iter(cameras.values()), (0, 0))
        asked = self.asked
        return Candidate(asked.policy, self.task, self.found.path, height, width, episode_s=asked.episode_s)


def prepare_real_time(asked: RealTimeRequest) -> RealTimePlan:
    """Check what was asked for; opens nothing.

    Raises:
        ArmchairError: if there is no such policy, it does not fit this arm, no twin runs, or it has another task.
    """
    check_name(asked.policy)
    found = open_policy_folder(locate_policy(asked.policy))
    if asked.arm.teleoperator:
        check_person_teleoperator(asked.arm)
    if not asked.arm.is_twin:
        return RealTimePlan(asked, found, _task_of_arm(asked, found), None)
    note = arms.twin_note()
    check_cameras(found, note["cameras"])
    arms.check_task(note, asked.arm.task)
    return RealTimePlan(asked, found, note["task"], note)


def _task_of_arm(asked: RealTimeRequest, found: PolicyFolder) -> str:
    task = asked.arm.task or found.provenance.get("task")
    if task is None:
        raise ArmchairError('the policy does not say what it does: add --task "Pick up the red cube."')
    if found.cameras and asked.arm.cameras is None:
        raise ArmchairError(
            f"the policy looks through {', '.join(sorted(found.cameras))}: add --cameras as for LeRobot, "
            "'{front: {type: opencv, index_or_path: 0, width: 640, height: 480, fps: 30}}'."
        )
    if asked.arm.cameras is not None:
        check_cameras(found, arms.camera_configs(None, asked.arm.cameras))
    return task


# --- judged -------------------------------------------------------------------------------------------------
def check_evaluable(plan: RealTimePlan, out: Path) -> None:
    """Refuse an unfair or impossible judgement; `evaluate_real_time` does so, too. Writes nothing.

    Raises:
        ArmchairError: if a scene was trained on, or `out` is in use.
    """
    if plan.note:
        seeds = evaluation_seeds(plan.asked.seed, plan.asked.episodes)
        refuse_training_seeds(seeds, plan.found.provenance.get("training_seeds", ()))
    refuse_used_folder(out)


def evaluate_real_time(
    plan: RealTimePlan, out: Path, operator: SessionOperator = NOBODY, host: Host | None = None
) -> tuple[EvalResult | None, TrialsEnd]:
    """Hold the trials and write the report to `out`. Return no result if no trial was finished.

    Raises:
        ArmchairError: as `check_evaluable`, or if the arm does not open.
    """
    check_evaluable(plan, out)
    with open_station(plan, plan.asked.seed, host) as station:
        operator.opened(station.takeover)
        sizes = station.cameras
        end = run_trials(station, plan.rules, out, operator)
    if not end.outcomes:
        return None, end
    return _report(plan, plan.candidate(sizes), end, out), end


def _report(plan: RealTimePlan, candidate: Candidate, end: TrialsEnd, out: Path) -> EvalResult:
    command = run_command(plan.asked, out)
    result = summarise(candidate, plan.found.provenance, end.outcomes, end.seconds, command)
    result = replace(result, body=TWIN if plan.note else ARM, control=end.facts)
    save_result(result, out)
    write_report(out, loss_curve(candidate.folder))
    return result


def run_command(asked: RealTimeRequest, out: Path) -> str:
    """Return the line to type for the same trials."""
    arm = asked.arm
    words: list[Any] = ["run", asked.policy, "--arm", arm.where, "--episodes", asked.episodes]
    words += ["--seed", asked.seed] if arm.is_twin else []
    optional = {
        "--task": arm.task, "--cameras": arm.cameras, "--arm-id": arm.arm_id, "--takeover": arm.teleoperator,
        "--episode-time": asked.episode_s,
    }  # fmt: skip
    words += [word for name, value in optional.items() if value for word in (name, value)]
    return typed(*words, "--out", out)


@contextmanager
def open_station(plan: RealTimePlan, first_seed: int, host: Host | None = None) -> Iterator[Station]:
    """Open the follower and the policy; they are let go of in any case. The policy is loaded before a motor is on."""
    asked, arm = plan.asked, plan.asked.arm
    with held() as hold:
        homing = hold(Homing(_policy_teleoperator(plan, hold, host), START if plan.note else None))
        homing.connect()
        robot = host.open_follower() if host else arms.open_follower(arm.where, arm.cameras, arm.arm_id)
        hold(robot)
        check_cameras(plan.found, robot.cameras)
        scenes = TwinTable(plan.note, first_seed) if plan.note else OwnTable()
        about = {"task": plan.task, "hand": "policy", "policy": asked.policy}
        about |= {"takeover": arm.teleoperator} if arm.teleoperator else {}
        home = arms.standing(robot) if arm.goes_home else None
        yield Station(
            robot, homing, Turns(scenes, homing), plan.instruction, about, takeover=bool(arm.teleoperator),
            limits=arm.limits, home=home,
        )  # fmt: skip


def _policy_teleoperator(
    plan: RealTimePlan, hold: Callable[[Any], Any], host: Host | None
) -> ArmchairPolicy | Takeover:
    """Return the policy, or the policy and a person who may take over, whose device is open and held."""
    policy = ArmchairPolicy(ArmchairPolicyConfig(policy_path=str(plan.found.path), task=plan.instruction))
    if not plan.asked.arm.teleoperator:
        return policy
    person = hold(host.person if host else open_person_teleoperator(plan.asked.arm))
    person.quiet = True  # `status` says it
    return Takeover(policy, person)
