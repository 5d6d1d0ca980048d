"""The payload of an upload: a folder, and the repo that it goes to. Reads folders, never the network."""

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from armchair_core.command_line import named, quoted
from armchair_core.dataset_format.info import INFO, is_dataset, read_info
from armchair_core.errors import ArmchairError
from armchair_core.files import no_folder
from armchair_datasets.card.json_file import read_json
from armchair_datasets.card.subject import Kind
from armchair_robot.rollout.policy_folder import check_policy_files, find_policy_folder

DEFAULT_LICENCE = "apache-2.0"
HUB = "https://huggingface.co"
# The form that the Hub accepts (huggingface_hub 1.33, utils/_validators.py), with the user in front.
_REPO_ID = re.compile(r"(?=.{1,96}$)[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)


@dataclass(frozen=True)
class Payload:
    """A dataset's or a policy's folder on its way to `repo_id`.

    `allowed` are kinds of findings that the sender knows of (see `privacy_scan`). With `replace` it may take the place
    of another dataset.
    """

    folder: Path
    repo_id: str
    kind: Kind
    public: bool = False
    licence: str = DEFAULT_LICENCE
    allowed: tuple[str, ...] = ()
    replace: bool = False

    @property
    def repo_type(self) -> str:
        """The Hub's word for the kind."""
        return "model" if self.kind == "policy" else "dataset"

    @property
    def name(self) -> str:
        """What it is called there."""
        return self.repo_id.split("/")[1]

    @property
    def url(self) -> str:
        """Where it will be seen."""
        return f"{endpoint()}/{'datasets/' if self.kind == 'dataset' else ''}{self.repo_id}"

    def files(self) -> dict[str, Path]:
        """Return path in the repo -> file, sorted, without hidden files and the recorder's loose pictures (`images/`).

        Raises:
            ArmchairError: if one is a link to something outside of the folder.
        """
        found = {}
        for file in sorted(self.folder.rglob("*")):
            path = file.relative_to(self.folder)
            if file.is_file() and path.parts[0] != "images" and not any(part.startswith(".") for part in path.parts):
                if not file.resolve().is_relative_to(self.folder.resolve()):
                    raise ArmchairError(f"{file} is a link out of the folder: put the file itself there, or remove it.")
                found[path.as_posix()] = file
        return found

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {**asdict(self), "folder": str(self.folder)}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Payload":
        """Return the payload that `to_json` wrote."""
        return cls(**{**fields, "folder": Path(fields["folder"]), "allowed": tuple(fields["allowed"])})


def make_payload(
    folder: Path,
    repo_id: str,
    *,
    public: bool = False,
    footage_consent: bool = False,
    licence: str = DEFAULT_LICENCE,
    allowed: tuple[str, ...] = (),
    replace: bool = False,
) -> Payload:
    """Return the payload of a LeRobotDataset, or of a policy (also the newest one inside of a training folder).

    `footage_consent` says that everybody who is seen in its pictures agreed; nothing with cameras becomes public
    without.

    Raises:
        ArmchairError: if it is neither, is not finished, or must not become public.
    """
    check_repo_id(repo_id)
    root, kind = _recognise(folder)
    if public and not footage_consent and kind == "dataset" and _has_pictures(root):
        raise ArmchairError(
            "a public dataset shows everybody what its cameras saw, people and their homes included: add "
            "--footage-consent if all of them agreed, or leave --public away."
        )
    return Payload(root, repo_id, kind, public, licence, allowed, replace)


def _recognise(folder: Path) -> tuple[Path, Kind]:
    if is_dataset(folder):
        read_info(folder)
        return folder.resolve(), "dataset"
    if not folder.is_dir():
        raise ArmchairError(no_folder(folder, "dataset or policy"))
    try:
        policy = find_policy_folder(folder)
    except ArmchairError:
        raise ArmchairError(
            f"{folder} holds neither a dataset (meta/info.json) nor a policy (config.json): name a folder that "
            f"`{named('record')}` or `{named('train')}` wrote."
        ) from None
    if not (policy / "model.safetensors").is_file():
        raise ArmchairError(f"the policy in {policy} has no model.safetensors: name the folder of a finished training.")
    return check_policy_files(policy).path, "policy"


def codebase_version(payload: Payload) -> str:
    """Return the version of a dataset's format: also the tag by which LeRobot finds it."""
    return _info(payload.folder)["codebase_version"]


def _info(dataset: Path) -> dict[str, Any]:
    return read_json(dataset / INFO)


def _has_pictures(dataset: Path) -> bool:
    return any(feature.dtype in ("video", "image") for feature in read_info(dataset).features.values())


def check_repo_id(repo_id: str) -> None:
    """Raise ArmchairError if the Hub has no such names."""
    user, _, name = repo_id.partition("/")
    odd = ".." in repo_id or "--" in repo_id or any(part.endswith((".", "-", ".git")) for part in (user, name))
    if odd or not _REPO_ID.fullmatch(repo_id):
        near = "-".join(re.findall(r"[A-Za-z0-9_]+", name or user))[:40] or "lift"
        user = user if name and _REPO_ID.fullmatch(f"{user}/x") else "YOUR-NAME"
        raise ArmchairError(
            f"{repo_id!r} is no name on the Hub, which are written user/name: use "
            f"{quoted('--repo-id', f'{user}/{near}')}."
        )


def endpoint() -> str:
    """Return the address of the Hub that is used here and now, as huggingface_hub takes it from HF_ENDPOINT."""
    return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


def seen_by(public: bool) -> str:
    """Return who will see an upload, in words. Only the Hub itself keeps a private repo from others with a token."""
    if public:
        return "everybody"
    if is_the_hub():
        return "you alone, and whom you let in there"
    return f"everybody who may use the hub at {endpoint()}, which shows all of it to each of them"


def is_the_hub() -> bool:
    """Return whether `endpoint` is the Hub itself, and not another server that speaks like it."""
    return urlsplit(endpoint()).hostname == urlsplit(HUB).hostname
