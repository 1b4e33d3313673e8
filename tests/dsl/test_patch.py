"""The differences between two documents make the one out of the other."""

import pytest
from hypothesis import given, settings

from flows.dsl.canonical import content_hash
from flows.dsl.diff import diff
from flows.dsl.diff_text import diff_text
from flows.dsl.document import Document
from flows.dsl.patch import DoesNotApply, patch
from tests.dsl.cast import document, log
from tests.dsl.drawn import documents


@settings(deadline=None, max_examples=200)
@given(documents(), documents())
def test_what_differs_applied_to_the_one_gives_the_other(one: Document, other: Document) -> None:
    changes = diff(one, other)
    assert content_hash(patch(one, changes)) == content_hash(other)
    assert (changes == []) == (content_hash(one) == content_hash(other))
    assert diff_text(changes)


def test_null_is_not_nothing() -> None:
    bare, null = document(log("a")), document(log("a", config={"x": None}))
    ((change,), (back,)) = (
        diff(document(log("a", config={"y": 1})), document(log("a", config={"y": None}))),
        diff(null, bare),
    )
    assert (change.absent, back.absent) == ("", "after")
    assert patch(null, [back]) == bare


def test_an_edge_that_kept_an_end_was_re_wired() -> None:
    one = document(log("a"), log("b"), log("c"), edges="start>a a>b")
    other = document(log("a"), log("b"), log("c"), edges="start>a a>c")
    assert diff_text(diff(one, other)) == "~ Edge a.out>b was re-wired to a.out>c"


def test_a_new_order_alone_is_told_as_layout_and_applied() -> None:
    one, other = document(log("a"), log("b")), document(log("b"), log("a"))
    (change,) = diff(one, other)
    assert (change.what, change.path) == ("moved", "/nodes")
    assert diff_text([change]).startswith("Layout alone:")
    assert patch(one, [change]) == other


def test_both_sides_of_a_change_stand_under_it() -> None:
    one, other = document(log("a", config={"m": "x"})), document(log("a", config={"m": 2}))
    assert diff_text(diff(one, other)).splitlines() == ["~ config.m of node a was changed", "    - x", "    + 2"]


def test_documents_alike_say_so() -> None:
    assert diff_text([]) == "Nothing differs."


@pytest.mark.parametrize(
    "other", [document(log("b")), document(log("a", config={"m": 5})), document(log("a"), log("c"), log("b"))]
)
def test_a_change_of_another_document_is_refused(other: Document) -> None:
    changes = diff(document(log("a", config={"m": 1}), log("b")), document(log("b"), log("a", config={"m": 2})))
    with pytest.raises(DoesNotApply):
        patch(other, changes)
