"""The option by which LeRobot's own commands rename cameras. No I/O."""

import json
import shlex
from collections.abc import Collection

from armchair_core.dataset_format.columns import image_key


def rename_map(there: Collection[str], wanted: Collection[str]) -> str | None:
    """Return --rename_map='{…}', for a policy that wants other cameras than there are, in the order of their names.

    It is an option of `lerobot-train`, `lerobot-eval` and `lerobot-rollout` (lerobot 0.6.1, configs/train.py, eval.py,
    rollout/configs.py). None if there are too few cameras.
    """
    spare, missing = sorted(set(there) - set(wanted)), sorted(set(wanted) - set(there))
    if not missing or len(missing) > len(spare):
        return None
    names = {_key(old): _key(new) for old, new in zip(spare, missing, strict=False)}
    return f"--rename_map={shlex.quote(json.dumps(names))}"


def _key(camera: str) -> str:
    return camera if camera.startswith("observation.") else image_key(camera)
