"""Values on their way into the journal."""

import math
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.events import ErrorInfo, PayloadRef
from flows.errors import MulgilError
from flows.journal.errors import OutputTooLarge, Unwritable
from flows.journal.values import INLINE_BYTES, plain_text, settle, settle_error
from flows.security.safejson import TooDeep

plain = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
values = st.recursive(plain | texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)


@given(values)
def test_settling_what_is_settled_changes_nothing(value: Any) -> None:
    settled, _ = settle(value)
    assert settle(settled)[0] == settled == value


@pytest.mark.parametrize(
    "value",
    [
        "a\x00b",
        {"k": ["\x00"]},
        {"\x00": 1},
        "\ud800",
        math.nan,
        [math.inf],
        {"x": -math.inf},
        2**64,
        (1, 2),
        {1: 2},
        object(),
    ],
    ids=[
        "nul",
        "nul inside",
        "nul key",
        "surrogate",
        "nan",
        "inf",
        "-inf",
        "too large",
        "tuple",
        "number key",
        "object",
    ],
)
def test_what_cannot_be_written_is_a_typed_error(value: Any) -> None:
    with pytest.raises(MulgilError) as refused:
        settle(value)
    assert refused.value.klass == "permanent"


def test_a_backslash_before_zeros_is_no_nul() -> None:
    assert settle("\\u0000")[0] == "\\u0000"


def test_a_large_value_is_kept_beside_by_its_hash() -> None:
    value, payload = settle("x" * INLINE_BYTES)
    assert isinstance(value, PayloadRef)
    assert payload is not None
    assert (value.hash, value.size) == (payload.hash, len(payload.data))
    assert settle("x" * INLINE_BYTES)[0] == value


def test_an_output_over_the_limit_names_its_size() -> None:
    with pytest.raises(OutputTooLarge, match="102 bytes, over the limit of 100"):
        settle("x" * 100, limit=100)


def test_the_words_of_foreign_code_are_made_writable() -> None:
    error = settle_error(ErrorInfo(code="x", message="a\x00b\ud800", details=math.nan))
    assert error.message == "a\ufffdb?"
    assert error.details == {"dropped": Unwritable.code}


@given(values)
def test_what_is_plain_settles_to_itself(value: Any) -> None:
    settled, _ = settle(value)
    assert settle(settled, is_plain=True)[0] == settled


def test_what_is_plain_keeps_its_name_and_its_value_when_it_is_large() -> None:
    value = {"rows": [{"n": number} for number in range(10_000)]}
    (settled, payload), (again, kept) = settle(value), settle(value, is_plain=True)
    assert settled == again == PayloadRef(payload.hash, len(payload.data))
    assert kept == payload
    assert kept.value == payload.value == value


def test_what_is_plain_is_refused_where_putting_it_together_made_it_too_deep() -> None:
    deep: Any = 1
    for _ in range(65):
        deep = [deep]
    with pytest.raises(TooDeep):
        settle(deep, is_plain=True)


@given(values)
def test_the_text_of_a_plain_value_says_what_settling_it_gives(value: Any) -> None:
    text = plain_text(value)
    assert text is None or orjson.loads(text) == settle(value)[0]


@pytest.mark.parametrize(
    "value",
    ["a\x00b", math.nan, [math.inf], "\ud800", {1: 2}, object(), "x" * (INLINE_BYTES + 1), [[[]]] * 40],
    ids=["nul", "nan", "inf", "surrogate", "number key", "object", "large", "many brackets"],
)
def test_what_only_settling_can_tell_has_no_plain_text(value: Any) -> None:
    assert plain_text(value) is None
