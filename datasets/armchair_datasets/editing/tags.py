"""Tags: words that people give to episodes, kept in meta/tags.json: {"format": 1, "tags": {"3": ["good", "slow"]}}.

LeRobot looks at none of it. Episodes are numbered as in the dataset.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from armchair_core.errors import ArmchairError
from armchair_core.files import read_json, write_atomically

TAGS = Path("meta", "tags.json")
MOST_TAGS, LONGEST = 8, 24  # of an episode; letters
_WORD = re.compile(rf"[\w][\w .-]{{0,{LONGEST - 1}}}")


def read_tags(dataset: Path) -> dict[int, list[str]]:
    """Return the tags by episode; {} if there are none.

    Raises:
        ArmchairError: if the file is damaged.
    """
    file = dataset / TAGS
    if not file.is_file():
        return {}
    try:
        tags = read_json(file)["tags"]
        return {int(episode): [str(tag) for tag in mine] for episode, mine in tags.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArmchairError(f"{file} is damaged ({error}): delete it to begin anew.") from None


def set_tags(dataset: Path, episode: int, tags: Iterable[str]) -> list[str]:
    """Give an episode these tags in place of those it had, and return them.

    Raises:
        ArmchairError: if one is no word, or there are too many.
    """
    tags = list(dict.fromkeys(tag.strip() for tag in tags))
    for tag in tags:
        if not _WORD.fullmatch(tag):
            raise ArmchairError(f"{tag!r} is no tag: use up to {LONGEST} letters, digits, spaces, dots and dashes.")
    if len(tags) > MOST_TAGS:
        raise ArmchairError(f"an episode has at most {MOST_TAGS} tags: take one away first.")
    write_tags(dataset, {**read_tags(dataset), episode: tags})
    return tags


def write_tags(dataset: Path, tags: dict[int, list[str]]) -> None:
    """Write all tags of a dataset."""
    kept = {str(episode): tags[episode] for episode in sorted(tags) if tags[episode]}
    write_atomically(dataset / TAGS, json.dumps({"format": 1, "tags": kept}, ensure_ascii=False, indent=2) + "\n")
