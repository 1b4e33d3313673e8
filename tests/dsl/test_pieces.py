"""What changed within a text: tokens of expressions, words of the rest."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.dsl.diff import diff
from flows.dsl.diff_text import diff_text
from flows.dsl.pieces import LONGEST, Piece, pieces
from tests.dsl.cast import document, log

WORDS = ["input", "nodes", ".", " ", "  ", "+", "'a b'", "10", "100", "{{", "}}", "\n", "물길", '"', "("]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=40).map("".join) | st.text(max_size=30)


def marked(before: str, after: str) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[one.what].format(one.text) for one in pieces(before, after))


@given(TEXTS, TEXTS)
def test_the_pieces_are_both_texts_and_no_two_neighbours_are_of_one_kind(before: str, after: str) -> None:
    found = pieces(before, after)
    assert "".join(one.text for one in found if one.what != "added") == before
    assert "".join(one.text for one in found if one.what != "removed") == after
    assert all(one.what != other.what for one, other in pairwise(found))
    assert all(one.text for one in found)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("{{ input.amount > 10 }}", "{{ input.amount > 100 }}", "{{ input.amount > [-10-]{+100+} }}"),
        ("{{ nodes.a.total }}", "{{ nodes.b.total + 1 }}", "{{ nodes.[-a-]{+b+}.total{+ + 1+} }}"),
        ("{{ x == 'a b' }}", "{{ x == 'a c' }}", "{{ x == [-'a b'-]{+'a c'+} }}"),
        ("Dear {{ input.name }}, hello", "Dear {{ input.first }}, hello", "Dear {{ input.[-name-]{+first+} }}, hello"),
        ("good day to you", "good night to you", "good [-day-]{+night+} to you"),
        ("{{ a and b }}", "{{ c or d }}", "{{ [-a and b-]{+c or d+} }}"),
        ("{{ not closed", "{{ not opened", "{{ not [-closed-]{+opened+}"),
        ("", "new", "{+new+}"),
    ],
)
def test_an_expression_is_told_token_by_token(before: str, after: str, told: str) -> None:
    assert marked(before, after) == told


def test_long_texts_are_told_by_their_lines_and_the_longest_whole() -> None:
    lines = [f"{number} {' '.join(str(number * each) for each in range(40))}\n" for number in range(1, 40)]
    other = [line.replace(" ", "  ") if at % 2 else line for at, line in enumerate(lines)]
    found = pieces("".join(lines), "".join(other))
    assert found[0] == Piece("same", lines[0])
    assert Piece("removed", lines[1]) in found
    endless = "a b " * LONGEST
    assert pieces(endless, endless + "c") == [Piece("removed", endless), Piece("added", endless + "c")]


def test_a_terminal_is_told_the_tokens_of_an_expression_in_its_line() -> None:
    one = document(log("a", config={"message": "{{ input.amount > 10 }}"}))
    other = document(log("a", config={"message": "{{ input.amount > 100 }}"}))
    (change,) = diff(one, other)
    assert change.pieces == tuple(pieces("{{ input.amount > 10 }}", "{{ input.amount > 100 }}"))
    assert diff_text([change]).splitlines()[1:] == ["    {{ input.amount > [-10-]{+100+} }}"]


def test_an_expression_in_a_list_is_told_by_its_tokens_too() -> None:
    one = document(log("a", config={"params": ["{{ input.id }}", 5]}))
    other = document(log("a", config={"params": ["{{ input.key }}", 5]}))
    ((change,),) = (diff(one, other),)
    assert [piece for piece in change.pieces if piece.what != "same"] == [Piece("removed", "id"), Piece("added", "key")]
    assert '"{{ input.[-id-]{+key+} }}"' in diff_text([change])


def test_what_is_of_another_kind_has_no_pieces() -> None:
    one, other = document(log("a", config={"m": 1})), document(log("a", config={"m": "{{ 1 }}"}))
    assert [change.pieces for change in diff(one, other)] == [()]
