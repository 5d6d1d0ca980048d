"""The skills that ship with the package: small trained policies, by name. Light to import.

skills/<name>/   a policy folder as `armchair train` writes it, and beside the weights
    README.md        its card
    recipe.json      how it was made: `benchmarks/make_skills.py` makes it again
    eval.json        how well it did, as `armchair eval` wrote it
"""

from pathlib import Path

_FOLDER = Path(__file__).parent


def skill_names() -> tuple[str, ...]:
    """Return every skill's name, in alphabetical order."""
    return tuple(sorted(file.parent.name for file in _FOLDER.glob("*/config.json")))


def locate_policy(policy: str) -> Path:
    """Return the folder meant by `policy`: a path, or the name of a skill if there is nothing of that name here."""
    path = Path(policy)
    return _FOLDER / policy if policy in skill_names() and not path.exists() else path
