"""JSON files beside a dataset or a policy, which people and other programs may have damaged."""

from pathlib import Path
from typing import Any

from armchair_core.command_line import named
from armchair_core.errors import ArmchairError
from armchair_core.files import read_json as read_any_json


def read_json(file: Path) -> dict[str, Any]:
    """Return a file's JSON object; {} if there is no such file.

    Raises:
        ArmchairError: if it is damaged.
    """
    if not file.is_file():
        return {}
    try:
        return dict(read_any_json(file))
    except (ValueError, TypeError) as error:
        raise ArmchairError(f"{file} is damaged ({error}): mend it, a dataset's by `{named('repair')}`.") from None
