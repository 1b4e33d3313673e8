"""How much memory values take inside a sandbox's worker, so that limits count what is beyond them."""

from collections.abc import Mapping
from typing import Any, Final

_NODE: Final = 256  # bytes for a value and its place; measured, generous
_TEXT: Final = 8  # copies of a text, in bytes a character


def weigh(values: Mapping[str, Any]) -> int:
    """An upper bound, in bytes, of what these values take once passed in."""
    total = 0
    stack: list[Any] = list(values.values())
    while stack:
        value = stack.pop()
        total += _NODE
        if isinstance(value, str):
            total += len(value) * _TEXT
        elif isinstance(value, dict):
            stack.extend(value.values())
            total += sum(len(key) * _TEXT + _NODE for key in value)
        elif isinstance(value, list | tuple):
            stack.extend(value)
    return total
