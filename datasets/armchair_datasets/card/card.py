"""The README of a dataset or a policy, and whether a person has edited the one that is there."""

import hashlib
import json
import re
import shlex
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from huggingface_hub import DatasetCardData, ModelCardData
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from armchair_core.errors import ArmchairError
from armchair_core.files import write_atomically
from armchair_datasets.card.facts import dataset_facts, policy_facts
from armchair_datasets.card.preview import Preview, make_preview
from armchair_datasets.card.subject import Local, Subject

README, PREVIEW = "README.md", "assets/preview.webp"
_SEAL = "\n<!-- Written by Armchair, which replaces this page as long as nobody edits it. {} -->\n"
_SEALED = re.compile(r"(.*)" + re.escape(_SEAL).replace(r"\{\}", "([0-9a-f]{64})"), re.DOTALL)


def make_card(subject: Subject) -> dict[str, bytes]:
    """Return README.md and, if there is a video, the preview that it shows: path in the repo -> content."""
    facts = dataset_facts(subject) if subject.kind == "dataset" else policy_facts(subject)
    preview = make_preview(facts["clips"])
    text = _render(f"{subject.kind}.md.j2", _context(subject, facts, preview))
    files = {README: seal(text).encode()}
    return files | {PREVIEW: preview.webp} if preview else files


def write_card(dataset: Path, name: str) -> None:
    """Give a dataset on this disk its README, or bring it up to date; one that a person wrote stays as it is.

    `name` is what the folder will be called: most are made beside their place.
    """
    readme = dataset / README
    if readme.exists() and not is_ours(readme.read_text(encoding="utf-8", errors="replace")):
        return
    subject = Local(dataset, name)
    with suppress(ArmchairError):  # what cannot be described is no reason to lose it: `armchair check` will tell
        text = _render("dataset.md.j2", _context(subject, dataset_facts(subject)))
        write_atomically(readme, seal(text))


def seal(text: str) -> str:
    """Return the text with a last line by which `is_ours` knows it."""
    return text + _SEAL.format(_hash(text))


def is_ours(readme: str) -> bool:
    """Return whether this card was written by `make_card` and by nobody since."""
    sealed = _SEALED.fullmatch(readme.replace("\r\n", "\n"))
    return sealed is not None and _hash(sealed[1]) == sealed[2]


def _context(subject: Subject, facts: Mapping[str, Any], preview: Preview | None = None) -> dict[str, Any]:
    front = _front_matter(subject, facts)
    return {**facts, "payload": subject, "name": subject.name, "preview": preview, "front_matter": front}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _render(template: str, context: Mapping[str, Any]) -> str:
    loader = FileSystemLoader(Path(__file__).parent)
    page = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters |= {"cell": _cell, "sh": shlex.quote, "quoted": json.dumps}
    return re.sub(r"\n{3,}", "\n\n", page.get_template(template).render(context)).strip() + "\n"


def _cell(text: object) -> str:
    """Return text as it may stand in a Markdown table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def _front_matter(subject: Subject, facts: Mapping[str, Any]) -> str:
    """Return what the Hub reads (https://huggingface.co/docs/hub/datasets-cards, …/model-cards), as YAML."""
    if subject.kind == "dataset":
        files = [{"config_name": "default", "data_files": "data/*/*.parquet"}]
        tags = ["LeRobot", "armchair", *_arm_tag(facts), *_task_tag(facts["about"])]
        return DatasetCardData(
            license=subject.licence, task_categories=["robotics"], tags=tags, configs=files
        ).to_yaml()
    tags = ["robotics", "lerobot", facts["type"], "armchair", *_arm_tag(facts), *_task_tag(facts["about"])]
    on_the_hub = facts["dataset"] if "/" in (facts["dataset"] or "") else None
    return ModelCardData(
        license=subject.licence, library_name="lerobot", pipeline_tag="robotics", tags=tags, datasets=on_the_hub
    ).to_yaml()


def _arm_tag(facts: Mapping[str, Any]) -> list[str]:
    arm = (facts["arm"] or "").partition(",")[0]
    return [arm.replace("-", "").lower()] if arm.startswith("SO-") else []


def _task_tag(about: Mapping[str, Any]) -> list[str]:
    return [about["task"]] if about.get("task") else []
