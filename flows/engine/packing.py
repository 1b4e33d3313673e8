"""Errors, causes and what else a state holds as plain JSON, for snapshots."""

from typing import Any

from flows.engine.events import ErrorInfo, ItemsListed
from flows.engine.marks import pack, unpack_value
from flows.engine.state import Cause, Ending, Footing
from flows.security.safejson import Json


def pack_error(error: ErrorInfo | None) -> Json:
    if error is None:
        return None
    return [error.code, error.message, error.klass, error.hint, error.details]


def unpack_error(packed: Any) -> ErrorInfo | None:
    if packed is None:
        return None
    code, message, klass, hint, details = packed
    return ErrorInfo(code=code, message=message, klass=klass, hint=hint, details=details)


def pack_cause(cause: Cause | None) -> Json:
    return None if cause is None else [cause.step, cause.node, pack_error(cause.error)]


def unpack_cause(packed: Any) -> Cause | None:
    if packed is None:
        return None
    error = unpack_error(packed[2])
    if error is None:
        raise ValueError("a cause has an error")
    return Cause(packed[0], packed[1], error)


def pack_ending(ending: Ending | None) -> Json:
    if ending is None:
        return None
    return [ending.way, pack_cause(ending.cause), pack(ending.output), ending.reason, ending.compensate]


def unpack_ending(packed: Any) -> Ending | None:
    if packed is None:
        return None
    way, cause, output, reason, compensate = packed
    return Ending(way, unpack_cause(cause), unpack_value(output), reason, compensate)


def pack_footing(footing: Footing) -> Json:
    return [footing.at, footing.seed, [*sorted(footing.unread)]]


def unpack_footing(packed: Any) -> Footing:
    at, seed, unread = packed
    return Footing(at, seed, frozenset(unread))


def pack_listed(listed: ItemsListed) -> Json:
    return {
        "step": listed.step,
        "count": listed.count,
        "items": pack(listed.items),
        "concurrency": listed.concurrency,
        "on_error": listed.on_error,
        "tolerate": listed.tolerate,
        "kept": [[*one] for one in listed.kept],
        "left": [[*one] for one in listed.left],
        "outputs": pack(listed.outputs),
    }


def unpack_listed(packed: Any) -> ItemsListed:
    values = dict(packed)
    values |= {name: unpack_value(values[name]) for name in ("items", "outputs")}
    values |= {name: tuple((first, last) for first, last in values[name]) for name in ("kept", "left")}
    return ItemsListed(at=0, **values)
