"""The differences between two documents make the one out of the other."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.dsl.canonical import content_hash
from flows.dsl.diff import diff
from flows.dsl.diff_text import diff_text
from flows.dsl.document import Document
from flows.dsl.patch import DoesNotApply, patch
from tests.dsl.cast import document, log

IDS = ["a", "b", "c", "d", "a_b"]
SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.5, 1.0, "", "x", "{{ nodes.a }}", "물길"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["k", "a/b", "~", ""]), inner, max_size=3)
    ),
    max_leaves=6,
)
PLACES = st.none() | st.fixed_dictionaries({"x": st.integers(0, 3), "y": st.integers(0, 3)})
NODES = st.fixed_dictionaries(
    {"type": st.sampled_from(["log", "data.set"])},
    optional={
        "label": st.sampled_from(["", "A", "B"]),
        "position": PLACES,
        "config": st.dictionaries(st.sampled_from(["m", "n/o", "p"]), VALUES, max_size=3),
        "retry": st.none() | st.fixed_dictionaries({"max_attempts": st.integers(1, 4)}),
        "join": st.sampled_from(["all", "any", {"count": 2}]),
        "disabled": st.booleans(),
    },
)
EDGES = st.fixed_dictionaries(
    {"from": st.sampled_from(IDS), "to": st.sampled_from(IDS)}, optional={"port": st.sampled_from(["out", "true"])}
)
TESTS = st.fixed_dictionaries(
    {"name": st.sampled_from(["one", "two"])}, optional={"expect": st.fixed_dictionaries({"run": SCALARS})}
)
NOTES = st.fixed_dictionaries(
    {"id": st.sampled_from(IDS), "position": st.just({"x": 0, "y": 0})}, optional={"text": st.sampled_from(["", "t"])}
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any document that has its shape, valid or not: twins among its names as well."""
    names = draw(st.lists(st.sampled_from(IDS), max_size=5))
    return Document.model_validate(
        {
            "name": draw(st.sampled_from(["", "One", "Two"])),
            "inputs": draw(st.just({}) | st.dictionaries(st.sampled_from(["type", "x"]), VALUES, max_size=2)),
            "settings": {"vars": draw(st.dictionaries(st.sampled_from(["v", "w"]), VALUES, max_size=2))},
            "nodes": [{"id": name, **draw(NODES)} for name in names],
            "edges": draw(st.lists(EDGES, max_size=5)),
            "notes": draw(st.lists(NOTES, max_size=3)),
            "tests": draw(st.lists(TESTS, max_size=3)),
            "pins": draw(st.dictionaries(st.sampled_from(IDS), VALUES, max_size=3)),
        }
    )


@settings(deadline=None, max_examples=400)
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
