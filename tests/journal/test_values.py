"""Values on their way into the journal."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.engine.events import ErrorInfo, PayloadRef
from flows.errors import MulgilError
from flows.journal.errors import OutputTooLarge, Unwritable
from flows.journal.values import INLINE_BYTES, settle, settle_error

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
