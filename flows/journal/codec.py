"""Events to text and back.

The text is the truth: a run is folded from it, so a format once written is read for ever. A field is
left out where it equals its default; an upgrade of the format is one more function in `UPGRADES`.
Beside an event's own fields its text may carry `seen`: what people look at (the resolved input, the log
lines of the attempt) and the machine never folds.

Values must have been settled (`flows.journal.values`) before they reach an event, so that what the live
machine folds equals what anyone decodes later.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any, Final, get_origin, get_type_hints

import orjson

from flows.engine.events import (
    KIND_OF,
    KINDS,
    ErrorInfo,
    Event,
    GivenStep,
    ItemsListed,
    PayloadRef,
    StepStarted,
    StepSucceeded,
    Stop,
    Value,
)
from flows.engine.ranges import Ranges
from flows.journal.errors import UnknownKind, Unwritable
from flows.journal.rows import Row
from flows.security.safejson import Json

VERSION: Final = 1

FENCE: Final = "fence"
"""Beside the fields of a batch's first event: the fence of who wrote it, for whoever looks for strays afterwards."""

UPGRADES: Final[dict[int, Callable[[str, dict[str, Any]], dict[str, Any]]]] = {}
"""Version -> the function that brings an event's text of that version to the next one."""

STRICT: Final = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS


def encode(event: Event, seq: int, seen: Mapping[str, Json] | None = None) -> Row:
    """The row of an event at its place. Raises Unwritable for a text that isn't one."""
    if type(event) is StepStarted and not seen:  # half of all events, and two numbers
        return Row(seq, "step_started", event.step, event.at, f'{{"attempt":{event.attempt},"seed":{event.seed}}}')
    if type(event) is StepSucceeded and event.stop is None and type(event.output) is not PayloadRef:  # the other half
        data: dict[str, Any] = {} if event.port == "out" else {"port": event.port}
        if event.output is not None:
            data["output"] = event.output
    else:
        data = _fields_of(event)
    if seen:
        data["seen"] = seen
    try:
        text = orjson.dumps(data, option=STRICT).decode() if data else "{}"
    except TypeError as error:
        raise Unwritable(reason=str(error)) from None
    return Row(seq, KIND_OF[type(event)], event.step, event.at, text)


def _fields_of(event: Event) -> dict[str, Any]:
    """What an event's text says of it: the fields that aren't at their default."""
    data: dict[str, Any] = {}
    refs = []
    for name, default, pack in _SHAPES[type(event)]:
        value = getattr(event, name)
        if value is default or (value == default and type(value) is type(default)):
            continue
        if type(value) is PayloadRef:
            value = pack_ref(value)
            refs.append(name)
        elif pack is not None and value is not None:
            value = pack(value)
        data[name] = value
    return data | {"refs": refs} if refs else data


def decode(kind: str, step: str | None, at: int, data: str) -> Event:
    """The event of a row. Raises UnknownKind."""
    known = KINDS.get(kind)
    if known is None:
        raise UnknownKind(kind=kind)
    values: dict[str, Any] = orjson.loads(data) if data != "{}" else {}
    if values:
        values = _unpacked(known, _upgraded(kind, values))
    return known(at=at, step=step, **values)


def stamped(row: Row, fence: int) -> Row:
    """The row with the fence it is written under beside its fields."""
    rest = row.data[1:] if row.data == "{}" else f",{row.data[1:]}"
    return Row(row.seq, row.kind, row.step, row.at, f'{{"{FENCE}":{fence}{rest}')


def fence_of(data: str) -> int | None:
    """The fence a batch was written under, where the event was the first of it."""
    if not data.startswith(f'{{"{FENCE}":'):
        return None
    return int(orjson.loads(data)[FENCE])


def seen_of(data: str) -> dict[str, Json]:
    """What people look at beside an event; empty where nothing is kept."""
    if '"seen"' not in data:
        return {}
    values: dict[str, Any] = orjson.loads(data)
    return values.get("seen") or {}


def _upgraded(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    for version in range(values.pop("v", 1), VERSION):
        values = UPGRADES[version](kind, values)
    return values


def _unpacked(known: type[Event], values: dict[str, Any]) -> dict[str, Any]:
    values.pop("seen", None)
    values.pop(FENCE, None)
    for name in values.pop("refs", ()):
        values[name] = unpack_ref(values[name])
    for name, unpack in _UNPACK[known]:
        if values.get(name) is not None:
            values[name] = unpack(values[name])
    return values


def refs_of(event: Event) -> Iterator[str]:
    """The hashes of the payloads that an event names."""
    for name, *_ in _SHAPES[type(event)]:
        value = getattr(event, name)
        if type(value) is PayloadRef:
            yield value.hash
        elif type(value) is tuple:
            yield from (one.output.hash for one in value if type(one) is GivenStep and type(one.output) is PayloadRef)


def pack_ref(ref: PayloadRef) -> Json:
    return {"$payload": ref.hash, "size": ref.size}


def unpack_ref(value: Any) -> PayloadRef:
    return PayloadRef(value["$payload"], value["size"])


def _pack_plain(value: Any) -> dict[str, Any]:
    return {field.name: inner for field in fields(value) if (inner := getattr(value, field.name)) != field.default}


def _pack_given(given: tuple[GivenStep, ...]) -> list[dict[str, Any]]:
    packed = []
    for one in given:
        item = _pack_plain(one)
        if isinstance(one.output, PayloadRef):
            item |= {"output": pack_ref(one.output), "refs": ["output"]}
        packed.append(item)
    return packed


def _unpack_given(given: list[dict[str, Any]]) -> tuple[GivenStep, ...]:
    return tuple(_unpack_one(**item) for item in given)


def _unpack_one(*, output: Any = None, refs: tuple[str, ...] = (), **rest: Any) -> GivenStep:
    return GivenStep(output=unpack_ref(output) if refs else output, **rest)


def _pack_listed(listed: tuple[ItemsListed, ...]) -> list[dict[str, Any]]:
    return [{"step": one.step, **orjson.loads(encode(one, 0).data)} for one in listed]


def _unpack_listed(listed: list[dict[str, Any]]) -> tuple[ItemsListed, ...]:
    return tuple(listed_of(**one) for one in listed)


def listed_of(*, step: str, **fields: Any) -> ItemsListed:
    """How a step begins of whose items only some are run, from what a run's row or its first event says of it."""
    return ItemsListed(at=0, step=step, **_unpacked(ItemsListed, fields))


def _nest(hint: Any) -> tuple[Callable[[Any], Any], Callable[[Any], Any]] | None:
    """How a field that isn't plain JSON is packed and unpacked."""
    if hint == Value:
        return None
    text = str(hint)
    for nested in (ErrorInfo, Stop):
        if nested.__name__ in text:
            return _pack_plain, lambda values, nested=nested: nested(**values)
    if ItemsListed.__name__ in text:
        return _pack_listed, _unpack_listed
    if hint == Ranges:
        return list, lambda ranges: tuple((first, last) for first, last in ranges)
    if GivenStep.__name__ in text:
        return _pack_given, _unpack_given
    return (list, tuple) if get_origin(hint) is tuple else None


_REQUIRED: Final = object()
_SHAPES: Final[dict[type[Event], tuple[tuple[str, Any, Callable[[Any], Any] | None], ...]]] = {}
_UNPACK: Final[dict[type[Event], tuple[tuple[str, Callable[[Any], Any]], ...]]] = {}


def _learn(known: type[Event]) -> None:
    hints = get_type_hints(known)
    shape: list[tuple[str, Any, Callable[[Any], Any] | None]] = []
    nested: list[tuple[str, Callable[[Any], Any]]] = []
    for field in fields(known):
        if field.name in ("at", "step"):
            continue
        nest = _nest(hints[field.name])
        shape.append((field.name, _REQUIRED if field.default is MISSING else field.default, nest and nest[0]))
        if nest:
            nested.append((field.name, nest[1]))
    _SHAPES[known] = tuple(shape)
    _UNPACK[known] = tuple(nested)


for _known in KINDS.values():
    _learn(_known)
