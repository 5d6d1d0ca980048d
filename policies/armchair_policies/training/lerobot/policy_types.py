"""The policy types that LeRobot 0.6.1 trains, and what each needs besides this package. Light to import."""

from dataclasses import dataclass
from importlib.util import find_spec

from armchair_core.command_line import how_to_install, pip_install
from armchair_core.errors import ArmchairError, unknown_name


@dataclass(frozen=True)
class PolicyType:
    """A type of policy.

    `module` must be importable and comes with LeRobot's extra `extra`; `downloads` says what it fetches. `steps` is
    how long others have trained it until it worked, with `source` for the sentence.
    """

    module: str = ""
    extra: str = ""
    downloads: str = ""
    steps: int | None = None
    source: str = ""


_LEROBOT_DEFAULT = "the length that lerobot-train is set to"  # lerobot 0.6.1, configs/train.py: steps = 100_000
KINDS = {
    # https://huggingface.co/robotfuel/act_so101_t16b_u16: SO-101, batch 8, 50,000 steps, 13 of 20 trials succeed.
    "act": PolicyType(steps=50_000, source="the length of published SO-101 policies"),
    # https://huggingface.co/lerobot/diffusion_pusht: batch 64, the best checkpoint is that of step 175,000.
    "diffusion": PolicyType(
        "diffusers", "diffusion", steps=175_000, source="the length of LeRobot's own diffusion_pusht"
    ),
    "vqbet": PolicyType(steps=100_000, source=_LEROBOT_DEFAULT),
    "tdmpc": PolicyType(steps=100_000, source=_LEROBOT_DEFAULT),
    # https://huggingface.co/docs/lerobot/smolvla: 20,000 steps at batch 64, about 4 hours on one A100.
    # policies/smolvla/smolvlm_with_expert.py reads the processor of the language model from the Hub in any case.
    "smolvla": PolicyType(
        "transformers", "smolvla", "SmolVLM2-500M (about 1 GB)", 20_000, "what LeRobot's documentation recommends"
    ),
}
_OUR_EXTRAS = ("diffusion", "smolvla")


def find_policy_type(policy: str) -> PolicyType:
    """Return what is known of a type of policy.

    Raises:
        ArmchairError: if neither LeRobot nor a plugin has registered it.
    """
    if policy in KINDS:
        return KINDS[policy]
    import lerobot.policies  # noqa: F401 - registers LeRobot's own
    from lerobot.configs import PreTrainedConfig
    from lerobot.utils.import_utils import register_third_party_plugins

    register_third_party_plugins()
    choices = PreTrainedConfig.get_known_choices()
    if policy not in choices:
        raise unknown_name("policy", policy, choices)
    from_lerobot = choices[policy].__module__.startswith("lerobot.")
    return PolicyType(downloads="whatever it asks for" if from_lerobot and policy != "nano" else "")


def check_policy_type(policy: str, allow_download: bool) -> PolicyType:
    """Return the same as `find_policy_type`, if all that it needs is here.

    Raises:
        ArmchairError: if a package is missing, or it would download without having been allowed to.
    """
    kind = find_policy_type(policy)
    if kind.module and find_spec(kind.module) is None:
        theirs = f"type `{pip_install(f'lerobot[{kind.extra}]')}`"
        how = how_to_install(kind.extra) if kind.extra in _OUR_EXTRAS else theirs
        raise ArmchairError(f"the policy {policy} needs {kind.module}, which is not installed: {how}.")
    if kind.downloads and not allow_download:
        raise ArmchairError(
            f"the policy {policy} downloads {kind.downloads} from the Hugging Face Hub, and nothing is downloaded "
            "unasked: add --allow-download, or choose act, which starts from nothing."
        )
    return kind
