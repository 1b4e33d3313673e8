import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.security.safejson import BadValue, Json, NotJson, TooDeep, check, check_depth, depth, dumps, loads

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def deepest(value: Json) -> int:
    if isinstance(value, dict):
        return 1 + max(map(deepest, value.values()), default=0)
    return 1 + max(map(deepest, value), default=0) if isinstance(value, list) else 0


@given(JSON)
def test_the_scan_measures_the_depth_the_parser_finds(value: Json) -> None:
    assert depth(json.dumps(value).encode()) == deepest(value)


@given(JSON, st.integers(0, 8), st.booleans())
def test_text_is_refused_exactly_where_it_is_deeper_than_allowed(value: Json, most: int, in_ascii: bool) -> None:
    data = json.dumps(value, ensure_ascii=in_ascii).encode()
    if deepest(value) > most:
        with pytest.raises(TooDeep) as refusal:
            check_depth(data, max_depth=most)
        assert refusal.value.fields["size"] == deepest(value)
    else:
        check_depth(data, max_depth=most)


@pytest.mark.parametrize("text", ['["[[[[", "\\"[[", "\\\\"]', '{"a]": "}{"}', '["a\\\\\\"[[["]'])
def test_brackets_inside_texts_are_not_counted(text: str) -> None:
    json.loads(text)
    assert depth(text.encode()) == 1


@pytest.mark.parametrize(
    "data", [b'"\\' * 2_000_000, b'"a' * 2_000_001, b'"\\"' * 1_500_001, b"[" * 2_000_000, b'[{"a":"\\']
)
def test_hostile_text_is_refused_in_linear_time(data: bytes) -> None:
    with pytest.raises((NotJson, TooDeep)):
        loads(b"[" * 65 + data)


@pytest.mark.parametrize("opener", [b"[", b'{"a":'])
def test_text_nested_too_deep_is_refused_before_it_is_parsed(opener: bytes) -> None:
    with pytest.raises(TooDeep) as refusal:
        loads(opener * 100_000)
    assert refusal.value.fields["limit"] == 64
    assert loads(b"[" * 64 + b"]" * 64)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"nul", b"NaN", b"[1,]", b"\xff", b'"\xed\xa0\x80"', '"\ud800"', b'"\\ud800"', b"01"]
)
def test_what_is_not_json_is_refused(data: bytes | str) -> None:
    with pytest.raises(NotJson):
        loads(data)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": [1, {"b": math.nan}]}, "$.a[1].b"),
        ([math.inf], "$[0]"),
        ({"a": "x\x00"}, "$.a"),
        ({"a\x00": 1}, "$"),
        (["\ud800"], "$[0]"),
        ([2**64], "$[0]"),
        ([-(2**63) - 1], "$[0]"),
        ({"a": {1: 2}}, "$.a"),
        ({"a": b"x"}, "$.a"),
        ([(1, 2)], "$[0]"),
    ],
)
def test_what_json_cannot_carry_is_refused_by_its_path(value: Json, path: str) -> None:
    with pytest.raises(BadValue) as refusal:
        check(value)
    assert refusal.value.fields["path"] == path


def test_a_value_nested_too_deep_is_refused() -> None:
    value: Json = 1
    for _level in range(64):
        value = [value]
    check(value)
    with pytest.raises(TooDeep):
        check([value])
    for _level in range(100_000):
        value = {"a": value}
    with pytest.raises(TooDeep):
        check(value)


@given(JSON.filter(lambda value: "\\u0000" not in json.dumps(value)))
def test_what_passes_the_check_survives_the_way_there_and_back(value: Json) -> None:
    check(value)
    assert loads(dumps(value)) == value
