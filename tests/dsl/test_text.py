from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.dsl.text import NotYaml, TextTooLarge, read_text, write_yaml
from flows.security.safejson import BadValue, NotJson, TooDeep

AWKWARD = ["yes", "on", "null", "~", "", "1e3", "0x1f", "012", "2026-01-01", "1:30", "a: b", "- x", "#x", "multi\nline\n",
           "trail \n x", " lead", "\ttab", "'q'", '"d"', "{{ x }}", "1.0", "-.5", "물길", "\n", "| x", "&a", "*a", "!t",
           "a\r\nb", "x\x85y", "\u2028", "<<", "="]  # fmt: skip


def test_json_is_read_as_json() -> None:
    assert read_text('{"a": [1, 1.5, null, "x"]}') == {"a": [1, 1.5, None, "x"]}


def test_yaml_knows_no_dates_no_yes_and_no_sixties() -> None:
    assert read_text("a: yes\nb: 2026-01-01\nc: 12:30:00\nd: ~\ne: 012\n") == {
        "a": "yes",
        "b": "2026-01-01",
        "c": "12:30:00",
        "d": None,
        "e": "012",
    }


@pytest.mark.parametrize(
    "text",
    ["a: &x [1]\nb: *x", "a: &a [x, x]\nb: &b [*a, *a]", "a: 1\na: 2", "? [a]\n: 1", "a: [1,", "a: !!python/object:os.system x",
     "a: %s" % ("9" * 5_000)],
)  # fmt: skip
def test_what_yaml_may_do_and_a_document_may_not_is_refused(text: str) -> None:
    with pytest.raises(NotYaml):
        read_text(text)


def test_what_is_not_utf_8_is_refused() -> None:
    with pytest.raises(NotYaml):
        read_text(b"a: \xff")


def test_broken_json_is_told_as_json() -> None:
    with pytest.raises(NotJson):
        read_text('{"a": ')


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 1_000 + "1", "a: " + "{b: " * 70 + "1" + "}" * 70])
def test_depth_is_measured_before_anything_is_built(text: str) -> None:
    with pytest.raises(TooDeep):
        read_text(text)


def test_a_text_over_the_limit_is_not_read() -> None:
    with pytest.raises(TextTooLarge):
        read_text("x" * 3_000_000)


@pytest.mark.parametrize("text", ['a: "\\0"', "a: 99999999999999999999", "a: !!set {x}", "a: !!binary abcd"])
def test_a_value_json_cannot_carry_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        read_text(text)


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_text_comes_back_as_it_was(text: str) -> None:
    value: Any = {"k": [text], **({text: 1} if text else {})}
    assert read_text(write_yaml(value)) == value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc{}:#'", min_size=1, max_size=5), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@given(json_values)
def test_what_is_written_is_read_as_the_same(value: Any) -> None:
    assert read_text(write_yaml({"value": value})) == {"value": value}


def test_code_is_written_as_lines() -> None:
    assert write_yaml({"code": "def run(input):\n    return 1\n"}) == "code: |\n  def run(input):\n      return 1\n"
