"""JSON between parts: measured before it is parsed, checked before it is stored.

Depth is counted by a scan of the bytes, because the parsers themselves raise RecursionError on deep
input, each at another depth. What PostgreSQL or another JSON reader could not hold (NUL, lone
surrogates, NaN, Infinity, integers beyond 64 bits) is refused by name and path.
"""

import math
from typing import Final

import orjson
from typing_extensions import TypeAliasType

from flows.errors import BadInput, LimitExceeded

Json = TypeAliasType("Json", "None | bool | int | float | str | list[Json] | dict[str, Json]")

MAX_DEPTH: Final = 64


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
    """The deepest nesting of brackets outside strings, by a scan of the bytes."""
    deepest = level = 0
    in_string = escaped = False
    for byte in data:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in (0x5B, 0x7B):
            level += 1
            deepest = max(deepest, level)
        elif byte in (0x5D, 0x7D):
            level -= 1
    return deepest


def loads(data: bytes | str, *, max_depth: int = MAX_DEPTH) -> Json:
    """Parse JSON text. Raises NotJson or TooDeep."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    # Counting brackets is cheap and bounds the depth from above; only suspicious text is scanned.
    if raw.count(b"[") + raw.count(b"{") > max_depth:
        deepest = depth(raw)
        if deepest > max_depth:
            raise TooDeep(size=deepest, limit=max_depth)
    try:
        return orjson.loads(raw)  # type: ignore[no-any-return]
    except orjson.JSONDecodeError as error:
        raise NotJson(reason=str(error)) from None


def dumps(value: Json) -> str:
    """Compact JSON text, keys in the order given. The value must have passed `check`."""
    return orjson.dumps(value).decode()


def check(value: Json, *, max_depth: int = MAX_DEPTH) -> None:
    """Refuse what text in PostgreSQL or strict JSON can't hold. Raises BadValue or TooDeep."""
    stack: list[tuple[Json, str, int]] = [(value, "$", 1)]
    while stack:
        item, path, level = stack.pop()
        if isinstance(item, str):
            _check_text(item, path)
        elif isinstance(item, bool) or item is None:
            continue
        elif isinstance(item, float):
            if not math.isfinite(item):
                raise BadValue(path=path, what="a number that is not finite")
        elif isinstance(item, int):
            if not -(2**63) <= item < 2**64:
                raise BadValue(path=path, what="an integer beyond 64 bits")
        elif level > max_depth:
            raise TooDeep(size=level, limit=max_depth)
        elif isinstance(item, dict):
            for key, inner in item.items():
                if not isinstance(key, str):
                    raise BadValue(path=path, what=f"a key of type {type(key).__name__}")
                _check_text(key, path)
                stack.append((inner, f"{path}.{key}", level + 1))
        elif isinstance(item, list):
            stack.extend((inner, f"{path}[{index}]", level + 1) for index, inner in enumerate(item))
        else:
            raise BadValue(path=path, what=f"a value of type {type(item).__name__}")


def _check_text(text: str, path: str) -> None:
    if "\x00" in text:
        raise BadValue(path=path, what="a NUL character")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise BadValue(path=path, what="half of a surrogate pair") from None
