"""How much memory values take inside a sandbox's worker, so that limits count what is beyond them."""

from collections.abc import Mapping
from typing import Any, Final

_NODE: Final = 256  # bytes for a value and its place; measured, generous
_TEXT: Final = 8  # copies of a text, in bytes a character


def weigh(values: Mapping[str, Any]) -> int:
    """An upper bound, in bytes, of what these values take once passed in."""
    total = 0
    stack: list[Any] = [values]
    while stack:
        value = stack.pop()
        total += _NODE
        if isinstance(value, str):
            total += len(value) * _TEXT
            continue
        if isinstance(value, Mapping):
            total += sum(map(len, value)) * _TEXT + len(value) * _NODE
            value = value.values()
        # Numbers weigh the same each; only what holds more is looked into.
        total += len(value) * _NODE
        stack.extend(inner for inner in value if isinstance(inner, str | list | tuple | dict))
    return total
