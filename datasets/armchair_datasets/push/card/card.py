"""The README that goes with a payload, and whether a person has edited the one that is there."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huggingface_hub import DatasetCardData, ModelCardData
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from armchair_datasets.push.card.facts import dataset_facts, policy_facts
from armchair_datasets.push.card.preview import make_preview
from armchair_datasets.push.content.payload import Payload

README, PREVIEW = "README.md", "assets/preview.webp"
_SEAL = "\n<!-- Written by Armchair, which replaces this page as long as nobody edits it. {} -->\n"
_SEALED = re.compile(r"(.*)" + re.escape(_SEAL).replace(r"\{\}", "([0-9a-f]{64})"), re.DOTALL)


def make_card(payload: Payload) -> dict[str, bytes]:
    """Return README.md and, if there is a video, the preview that it shows: path in the repo -> content."""
    facts = dataset_facts(payload) if payload.kind == "dataset" else policy_facts(payload)
    preview = make_preview(facts["clips"])
    front = _front_matter(payload, facts)
    text = _render(f"{payload.kind}.md.j2", {**facts, "payload": payload, "preview": preview, "front_matter": front})
    files = {README: seal(text).encode()}
    return files | {PREVIEW: preview.webp} if preview else files


def seal(text: str) -> str:
    """Return the text with a last line by which `is_ours` knows it."""
    return text + _SEAL.format(_hash(text))


def is_ours(readme: str) -> bool:
    """Return whether this card was written by `make_card` and by nobody since."""
    sealed = _SEALED.fullmatch(readme.replace("\r\n", "\n"))
    return sealed is not None and _hash(sealed[1]) == sealed[2]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _render(template: str, context: Mapping[str, Any]) -> str:
    loader = FileSystemLoader(Path(__file__).parent)
    page = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters["cell"] = _cell
    return re.sub(r"\n{3,}", "\n\n", page.get_template(template).render(context)).strip() + "\n"


def _cell(text: object) -> str:
    """Return text as it may stand in a Markdown table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def _front_matter(payload: Payload, facts: Mapping[str, Any]) -> str:
    """Return what the Hub reads (https://huggingface.co/docs/hub/datasets-cards, …/model-cards), as YAML."""
    if payload.kind == "dataset":
        files = [{"config_name": "default", "data_files": "data/*/*.parquet"}]
        tags = ["LeRobot", "armchair", *_arm_tag(facts), *_task_tag(facts["about"])]
        return DatasetCardData(
            license=payload.licence, task_categories=["robotics"], tags=tags, configs=files
        ).to_yaml()
    tags = ["robotics", "lerobot", facts["type"], "armchair", *_arm_tag(facts), *_task_tag(facts["about"])]
    on_the_hub = facts["dataset"] if "/" in (facts["dataset"] or "") else None
    return ModelCardData(
        license=payload.licence, library_name="lerobot", pipeline_tag="robotics", tags=tags, datasets=on_the_hub
    ).to_yaml()


def _arm_tag(facts: Mapping[str, Any]) -> list[str]:
    arm = (facts["arm"] or "").partition(",")[0]
    return [arm.replace("-", "").lower()] if arm.startswith("SO-") else []


def _task_tag(about: Mapping[str, Any]) -> list[str]:
    return [about["task"]] if about.get("task") else []
