"""What is wrong with what a page asks for, in the page's own words: no pattern, field or option. No I/O."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

# field of a message: what the page calls it
_LABELS = {
    "out": "Call it", "data": "The dataset's name", "name": "The name", "datasets": "What to learn from",
    "policy": "The policy", "episodes": "How many", "minutes": "The minutes", "steps": "The steps", "task": "The task",
    "take_s": "The longest take", "instruction": "The sentence", "repo_id": "The name there", "tags": "The tag",
    "seed": "The scene", "image_size": "The size of the pictures", "preset": "The preset", "agreed": "Your yes",
    "sure": "Your yes", "index": "The episode", "hand": "Who moves the arm", "role": "The role", "token": "The link",
}  # fmt: skip
_VALUED = re.compile(r"--(?:repo-id|out|task|episodes|minutes|steps|seed|policy|from|preset|allow|arm|hand) (?=\S)")
_FLAGS = {
    "add --footage-consent": "say on this page that they agree", "leave --public away": "leave it private",
    "add --append": "choose its name", "add --resume": "press Go on in the list of jobs",
}  # fmt: skip
_LIMITS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def form_words(errors: Sequence[Mapping[str, Any]]) -> str:
    """Return one sentence about the first of pydantic's `errors`."""
    first = errors[0]
    fields = [str(part) for part in first["loc"] if part in _LABELS]
    return f"{_LABELS[fields[0]] if fields else 'What was asked'}: {_what(first)}."


def without_options(words: str) -> str:
    """Return a sentence of our commands without the options that it names: a page has fields and buttons for them.

    A command line between backticks stays whole, for it is to be typed.
    """
    outside = words.split("`")
    outside[::2] = map(_without_options, outside[::2])
    return "`".join(outside)


def _without_options(words: str) -> str:
    for option, said in _FLAGS.items():
        words = re.sub(rf"{option}(?= if| away|,|;|\.|$| to )", said, words)
    return _VALUED.sub("", words)


def _what(error: Mapping[str, Any]) -> str:
    kind, context, given = error["type"], error.get("ctx") or {}, error.get("input")
    if kind == "string_pattern_mismatch":
        near = re.sub(r"[^\w.-]+", "-", str(given)).strip("-._")[:40]
        hint = f", such as {near}" if near and near != given else ""
        return f"{str(given)[:60]!r} is no name here; use letters, digits, dots and dashes{hint}"
    if kind in ("string_too_long", "too_long"):
        return f"that is too long, {context['max_length']} are the most"
    if kind in ("string_too_short", "too_short"):
        return "that is too short" if given else "it is empty"
    if limit := next((name for name in _LIMITS if name in context), None):
        return f"{given} will not do, give {_LIMITS[limit]} {context[limit]}"
    if kind == "missing":
        return "it is missing"
    if kind.startswith(("int", "float", "finite", "decimal")):
        return f"{str(given)[:60]!r} is no {'whole ' * kind.startswith('int')}number"
    if kind == "literal_error":
        return f"{str(given)[:60]!r} is not to be had, choose {context['expected']}"
    if kind == "value_error":
        return str(context.get("error", "it will not do"))
    return "it will not do: load this page again and try once more"
