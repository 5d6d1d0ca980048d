"""The pages of the API reference: one a room, with every module in it, made anew from the sources at each build.

The sources are read, not imported: no PyTorch, and nothing of theirs runs.
"""

import re
from pathlib import Path

import griffe

HOUSES = ("core", "sim", "robot", "datasets", "policies", "console", "plugin")
_BETWEEN = "\n\n"
FOLDER = "docs/reference"  # not in git
_CODE = re.compile(r"(`+.*?`+)", re.DOTALL)
_SIGNS = re.compile(r"([\\*_<>|\[\]#])")


def write_reference(root: Path) -> None:
    """Write a page for each room of the house, and one that lists them."""
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    pages = {}
    for house in HOUSES:
        (package,) = (file.parent for file in (root / house).glob("*/__init__.py"))
        pages |= {room.path: _page(room) for room in _rooms(griffe.load(package.name, search_paths=[package.parent]))}
    pages["index"] = _index(pages)
    for file in folder.iterdir():
        if file.stem not in pages:
            file.unlink()
    for name, text in pages.items():
        file = folder / f"{name}.md"
        if not file.exists() or file.read_text() != text:  # what did not change is not read again
            file.write_text(text)


def _rooms(package: griffe.Module) -> list[griffe.Module]:
    inner = [room for module in package.modules.values() if module.is_init_module for room in _rooms(module)]
    return [package, *inner]


def _page(room: griffe.Module) -> str:
    modules = [
        module for name, module in sorted(room.modules.items()) if not module.is_init_module and name != "__main__"
    ]
    parts = ["---\norphan: true\n---", f"# {room.path}", "[All rooms](index.md)", _text(room)]
    for module in modules:
        parts += [f"## {module.name}", _text(module)]
        parts += [_described(thing, module.path) for thing in module.members.values() if _is_told(thing)]
    return _BETWEEN.join(parts) + "\n"


def _described(thing: griffe.Object, module: str, fence: int = 6) -> str:
    """Return a class with its methods, or a function, as a directive of Sphinx's for Python."""
    kind = "class" if thing.is_class else "method" if thing.parent.is_class else "function"
    inner = [each for each in thing.members.values() if each.is_function and _is_told(each)] if thing.is_class else []
    if thing.is_attribute:  # a property
        kind, signature = "property", f"{thing.name}: {thing.annotation}"
    else:
        _drop_options(thing)
        signature = thing.signature() or thing.name
    lines = ["`" * fence + f"{{py:{kind}}} {signature}", f":module: {module}", "", _text(thing)]
    lines += [_described(each, module, fence - 1) for each in inner]
    return "\n".join([*lines, "`" * fence])


def _drop_options(function: griffe.Object) -> None:
    """Leave of a command's `Annotated[str, typer.Option(…)]` the type: what else it says, `--help` says better."""
    for parameter in getattr(function, "parameters", ()):
        found = parameter.annotation
        if isinstance(found, griffe.ExprSubscript) and str(found.left) == "Annotated":
            parameter.annotation = found.slice.elements[0]


def _is_told(thing: griffe.Object) -> bool:
    return not thing.is_alias and thing.is_public and bool(thing.docstring) and (thing.is_class or thing.is_function)


def _text(thing: griffe.Object) -> str:
    """Return a docstring as Markdown: its sentences as they are, what is laid out by hand in a block of its own."""
    paragraphs = (thing.docstring.value if thing.docstring else "").split("\n\n")
    return "\n\n".join(
        f"```text\n{paragraph}\n```" if re.search(r"^ ", paragraph, re.MULTILINE) and not _is_list(paragraph)
        else _escaped(paragraph) for paragraph in paragraphs
    )  # fmt: skip


def _is_list(paragraph: str) -> bool:
    return all(re.match(r"- |  \S", line) for line in paragraph.splitlines())


def _escaped(text: str) -> str:
    parts = _CODE.split(text)
    parts[::2] = [_SIGNS.sub(r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def _index(pages: dict[str, str]) -> str:
    lines = ["# API reference", "", "Every room of the house, made from the sources' own words.", ""]
    for name, text in pages.items():
        lines.append(f"- [{name}]({name}.md): {text.split(_BETWEEN)[3].splitlines()[0]}")
    return "\n".join([*lines, ""])
