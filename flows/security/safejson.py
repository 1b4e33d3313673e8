"""JSON between parts: measured before it is parsed, checked before it is stored.

Depth is counted by a scan of the bytes, because the parsers themselves raise RecursionError on deep
input, each at another depth. What PostgreSQL or another JSON reader could not hold (NUL, lone
surrogates, NaN, Infinity, integers beyond 64 bits) is refused by name and path.
"""

import math
import re
from itertools import accumulate
from typing import Final, Self

import orjson
from typing_extensions import TypeAliasType

from flows.errors import BadInput, LimitExceeded

Json = TypeAliasType("Json", "bool | int | float | str | list[Json] | dict[str, Json] | None")

MAX_DEPTH: Final = 64

# A string that never ends is matched to the end, and nothing is tried twice: the scan stays linear.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_MANY: Final = 500_000
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEP: Final = tuple({0x5B: 1, 0x7B: 1, 0x5D: -1, 0x7D: -1}.get(byte, 0) for byte in range(256))


class NotJson(BadInput):
    """This is not JSON: {reason}"""

    code = "not_json"
    status = 400


class TooDeep(LimitExceeded):
    """JSON nested {size} deep is over the limit of {limit}."""

    code = "too_deep"


class BadValue(BadInput):
    """{path} holds {what}, which JSON cannot carry."""

    code = "bad_value"


def depth(data: bytes) -> int:
    """The deepest nesting of brackets outside strings, by scans of the bytes; what they mean is not looked at."""
    return _deepest(_brackets(data))


def check_depth(data: bytes, *, max_depth: int = MAX_DEPTH) -> None:
    """Refuse JSON text that is nested too deep. Raises TooDeep."""
    # Counting brackets is cheap and bounds the depth from above; only suspicious text is scanned.
    if data.count(b"[") + data.count(b"{") <= max_depth:
        return
    brackets = _brackets(data)
    if not _is_shallow(brackets, max_depth) and (deepest := _deepest(brackets)) > max_depth:
        raise TooDeep(size=deepest, limit=max_depth)


def _brackets(data: bytes) -> bytes:
    """The brackets outside strings, in order."""
    # Without a backslash every second quote ends a string; so many parts are never made that memory would feel it.
    is_plain = b"\\" not in data and data.count(b'"') <= _MANY
    outside = b"".join(data.split(b'"')[::2]) if is_plain else _STRING.sub(b"", data)
    return outside.translate(None, _NO_BRACKETS)


def _is_shallow(brackets: bytes, max_depth: int) -> bool:
    """Whether taking away the innermost pairs again and again, two levels a round at most, soon leaves nothing."""
    for _ in range(max_depth // 2):
        rest = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if not rest:
            return True
        if len(rest) == len(brackets):
            break
        brackets = rest
    return False


def _deepest(brackets: bytes) -> int:
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def loads(data: bytes | str, *, max_depth: int = MAX_DEPTH) -> Json:
    """Parse JSON text. Raises NotJson or TooDeep."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    check_depth(raw, max_depth=max_depth)
    try:
        return orjson.loads(raw)  # type: ignore[no-any-return]  # the parser gives JSON and nothing else
    except orjson.JSONDecodeError as error:
        raise NotJson(reason=str(error)) from None


def dumps(value: Json) -> str:
    """Compact JSON text, keys in the order given. The value must have passed `check`."""
    return orjson.dumps(value).decode()


def check(value: Json, *, max_depth: int = MAX_DEPTH) -> None:
    """Refuse what text in PostgreSQL or strict JSON can't hold. Raises BadValue or TooDeep."""
    fault = _fault(value, max_depth)
    if fault is None:
        return
    if fault.what is None:
        raise TooDeep(size=max_depth + 1, limit=max_depth)
    raise BadValue(path="$" + "".join(reversed(fault.path)), what=fault.what)


class _Fault:
    """What is wrong (None: the depth), and where, from the inside out."""

    __slots__ = ("path", "what")

    def __init__(self, what: str | None) -> None:
        self.what = what
        self.path: list[str] = []

    def at(self, step: str) -> Self:
        self.path.append(step)
        return self


def _fault(value: object, room: int) -> _Fault | None:
    # The path is only written down on the way out of a fault: checking a good value costs no text.
    if isinstance(value, str):
        return _text_fault(value)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, dict | list):
        if room == 0:
            return _Fault(None)
        return _dict_fault(value, room - 1) if isinstance(value, dict) else _list_fault(value, room - 1)
    if isinstance(value, int):
        return None if -(2**63) <= value < 2**64 else _Fault("an integer beyond 64 bits")
    if isinstance(value, float):
        return None if math.isfinite(value) else _Fault("a number that is not finite")
    return _Fault(f"a value of type {type(value).__name__}")


def _dict_fault(value: dict[object, object], room: int) -> _Fault | None:
    for key, inner in value.items():
        if not isinstance(key, str):
            return _Fault(f"a key of type {type(key).__name__}")
        fault = _text_fault(key)
        if fault is not None:
            return fault
        fault = _fault(inner, room)
        if fault is not None:
            return fault.at(f".{key}")
    return None


def _list_fault(value: list[object], room: int) -> _Fault | None:
    for index, inner in enumerate(value):
        fault = _fault(inner, room)
        if fault is not None:
            return fault.at(f"[{index}]")
    return None


def _text_fault(text: str) -> _Fault | None:
    if "\x00" in text:
        return _Fault("a NUL character")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return _Fault("half of a surrogate pair")
    return None
