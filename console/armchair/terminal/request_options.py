"""Request objects as command-line options: a command takes one frozen dataclass, and Typer sees its fields."""

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any, get_type_hints


def request_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` the fields of its dataclasses as parameters, in their order and with their defaults.

    A field is annotated as Typer wants a parameter to be; one that is a dataclass itself stands for its own fields.
    Parameters of other types, such as `typer.Context`, stay as they are. Use it below `@app.command()`::

        @request_options
        def info(asked: InfoRequest) -> None:

    Raises:
        ValueError: if two fields have the same name.
    """
    asked = {name: hint for name, hint in get_type_hints(command, include_extras=True).items() if name != "return"}
    signature = inspect.Signature([option for name, hint in asked.items() for option in _options(name, hint)])

    @wraps(command)
    def with_requests(**given: Any) -> None:
        command(**{name: _build(hint, given) if _is_request(hint) else given[name] for name, hint in asked.items()})

    described: Any = with_requests  # to mypy a function has no signature that could be set
    described.__signature__ = signature
    described.__annotations__ = {option.name: option.annotation for option in signature.parameters.values()}
    return with_requests


def _is_request(hint: Any) -> bool:
    return isinstance(hint, type) and dataclasses.is_dataclass(hint)


def _options(name: str, hint: Any, default: Any = inspect.Parameter.empty) -> Iterator[inspect.Parameter]:
    """The parameters that a field or parameter stands for: itself, or those of its dataclass."""
    if not _is_request(hint):
        yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
        return
    hints = get_type_hints(hint, include_extras=True)
    for field in dataclasses.fields(hint):
        has_none = field.default is dataclasses.MISSING
        yield from _options(field.name, hints[field.name], inspect.Parameter.empty if has_none else field.default)


def _build(request: type, given: Mapping[str, Any]) -> Any:
    """Return a `request` of what was typed; every name in it is an option's."""
    hints = get_type_hints(request)
    fields = [field.name for field in dataclasses.fields(request)]
    return request(**{name: _build(hints[name], given) if _is_request(hints[name]) else given[name] for name in fields})
