"""Values on their way into the journal: checked, brought to what JSON gives back, kept beside when large.

A value that passed `settle` is exactly what anyone will decode later; what can't be written is a typed
error here, at its step, and never in the middle of a transaction.
"""

from hashlib import sha256
from typing import Any, Final

import orjson

from flows.engine.events import ErrorInfo, PayloadRef, Value
from flows.errors import MulgilError
from flows.journal.codec import STRICT
from flows.journal.errors import OutputTooLarge, Unwritable
from flows.journal.rows import Payload
from flows.security import safejson
from flows.security.safejson import Json

INLINE_BYTES: Final = 32 * 1024
OUTPUT_BYTES: Final = 32 * 2**20
MESSAGE_CHARACTERS: Final = 10_000

_ATOMS: Final = frozenset({bool, int, type(None)})
_SMALL: Final = 2**53


def settle(
    value: Any, *, what: str = "The output", limit: int = OUTPUT_BYTES, is_plain: bool = False
) -> tuple[Value, Payload | None]:
    """The value as it will be read back, and the payload to keep where it is large.

    `is_plain`: it came out of JSON, or was put together of what did, and nobody changes it any more; only its size
    and depth are looked at. Raises Unwritable, OutputTooLarge, or safejson's TooDeep, naming the place in the value.
    """
    if type(value) in _ATOMS and (type(value) is not int or -_SMALL < value < _SMALL):
        return value, None
    raw = _dumps(value)
    if len(raw) > limit:
        raise OutputTooLarge(what=what, size=len(raw), limit=limit)
    settled: Json
    if is_plain:
        safejson.check_depth(raw)
        settled = value
    else:
        settled = safejson.loads(raw)
        if settled != value or b"\\u0000" in raw:
            _refuse_unwritable(value)
    if len(raw) <= INLINE_BYTES:
        return settled, None
    payload = Payload(hash=sha256(raw).hexdigest(), data=raw, value=settled)
    return PayloadRef(payload.hash, len(raw)), payload


def plain_text(value: Any) -> bytes | None:
    """The JSON text of a value that is small and comes back from it as it is; None where only `settle` can tell."""
    try:
        raw = orjson.dumps(value, option=STRICT)
    except (TypeError, RecursionError):
        return None
    # Not-a-number becomes null, what is too deep has many brackets; a null or many brackets may be nothing of the kind.
    is_plain = (
        len(raw) <= INLINE_BYTES
        and b"null" not in raw
        and b"\\u0000" not in raw
        and raw.count(b"[") + raw.count(b"{") <= safejson.MAX_DEPTH
    )
    return raw if is_plain else None


def settle_error(error: ErrorInfo) -> ErrorInfo:
    """The error with texts that can be written; details that can't be are dropped for a word saying so."""
    details: Value
    try:
        details, payload = settle(error.details, what="The details of the error", limit=INLINE_BYTES)
    except MulgilError as unwritable:
        details, payload = {"dropped": unwritable.code}, None
    if payload is not None or isinstance(details, PayloadRef):
        details = {"dropped": "too_large"}
    return ErrorInfo(
        code=clean(error.code),
        message=clean(error.message)[:MESSAGE_CHARACTERS],
        klass=error.klass,
        hint=clean(error.hint)[:MESSAGE_CHARACTERS],
        details=details,
    )


def clean(text: str) -> str:
    """Text of foreign code without what can't be written."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _dumps(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=STRICT)
    except (TypeError, RecursionError) as error:
        safejson.check(value)
        raise Unwritable(reason=str(error)) from None


def _refuse_unwritable(value: Any) -> None:
    """A value that came back changed: NaN and infinity become null, tuples lists. The first are refused."""
    try:
        safejson.check(value)
    except safejson.BadValue as error:
        raise Unwritable(reason=error.message) from None
