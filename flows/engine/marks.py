"""Values as plain JSON that says of each what it is.

A value from outside may look like anything, so each is marked with what it is: nothing is recognised by its
looks.
"""

from typing import Any, Final

from flows.engine.commands import Assembly, ListOf, ListOver, ObjectOf
from flows.engine.events import PayloadRef, Value
from flows.security.safejson import Json

_MARKED: Final = frozenset({PayloadRef, ListOf, ObjectOf, ListOver})


def pack(value: Assembly) -> Json:
    if type(value) not in _MARKED:
        return ["json", value]  # type: ignore[list-item]  # what has no mark of its own is JSON
    match value:
        case PayloadRef(hash=digest, size=size):
            return ["ref", digest, size]
        case ListOf(parts=parts):
            return ["list", [pack(part) for part in parts]]
        case ObjectOf(parts=named):
            return ["object", {name: pack(part) for name, part in named.items()}]
        case ListOver(base=base, parts=placed):
            return ["over", pack(base), [[place, pack(part)] for place, part in placed.items()]]
        case _:
            return ["json", value]


def unpack(packed: Any) -> Assembly:
    match packed:
        case ["ref", digest, size]:
            return PayloadRef(digest, size)
        case ["list", parts]:
            return ListOf([unpack(part) for part in parts])
        case ["object", named]:
            return ObjectOf({name: unpack(part) for name, part in named.items()})
        case ["over", base, placed]:
            return ListOver(unpack_value(base), {place: unpack(part) for place, part in placed})
        case ["json", value]:
            return value  # type: ignore[no-any-return]  # JSON, as packed
    raise ValueError("this is no packed value")


def unpack_value(packed: Any) -> Value:
    """As `unpack`, for what is never put together of parts."""
    value = unpack(packed)
    if isinstance(value, ListOf | ObjectOf | ListOver):
        raise ValueError("this value is put together of parts")  # noqa: TRY004  # the data is wrong, not the type
    return value
