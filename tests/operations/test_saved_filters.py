"""Filters that someone keeps: one's own, shared ones, and who removes which."""

import pytest

from flows.errors import BadInput, Forbidden, NotFound
from flows.operations.saved_filters import FLOWS, RUNS, list_filters, remove_filter, save_filter
from tests.cast import Person

FAILED = {"status": "failed", "last": "7d"}


def names(who: Person) -> list[str]:
    return [kept.name for kept in list_filters(who.actor, RUNS)]


def test_ones_own_are_ones_own_and_shared_ones_everybodys(
    editor: Person, operator: Person, viewer: Person, admin: Person, stranger: Person
) -> None:
    save_filter(viewer.actor, RUNS, name=" mine ", said={"test": "false"}, is_shared=False)
    shared = save_filter(operator.actor, RUNS, name="failed lately", said=FAILED, is_shared=True)
    assert (names(viewer), names(editor), names(stranger)) == (["failed lately", "mine"], ["failed lately"], [])
    with pytest.raises(Forbidden):
        save_filter(viewer.actor, RUNS, name="for all", said=FAILED, is_shared=True)
    with pytest.raises(Forbidden):
        remove_filter(editor.actor, RUNS, shared.pk)
    with pytest.raises(NotFound):
        remove_filter(stranger.actor, RUNS, shared.pk)
    remove_filter(admin.actor, RUNS, shared.pk)
    assert names(operator) == []


def test_the_same_name_again_replaces_it(operator: Person) -> None:
    save_filter(operator.actor, RUNS, name="one", said=FAILED, is_shared=False)
    save_filter(operator.actor, RUNS, name="one", said={"status": "paused"}, is_shared=True)
    (kept,) = list_filters(operator.actor, RUNS)
    assert (kept.filter, kept.is_shared) == ({"status": "paused"}, True)
    for name, said in (("", FAILED), ("x" * 81, FAILED), ("x", {"colour": "red"})):
        with pytest.raises(BadInput):
            save_filter(operator.actor, RUNS, name=name, said=said, is_shared=False)


def test_each_list_has_its_own_words_names_and_rights(editor: Person, operator: Person, viewer: Person) -> None:
    save_filter(operator.actor, RUNS, name="billing", said=FAILED, is_shared=True)
    shared = save_filter(
        editor.actor, FLOWS, name="billing", said={"tag": "billing", "archived": "true"}, is_shared=True
    )
    save_filter(editor.actor, RUNS, name="billing", said={"code": "timeout"}, is_shared=False)
    assert [kept.filter for kept in list_filters(viewer.actor, FLOWS)] == [{"tag": "billing", "archived": "true"}]
    assert names(viewer) == ["billing"]
    with pytest.raises(BadInput):
        save_filter(editor.actor, FLOWS, name="late", said={"status": "failed"}, is_shared=False)
    with pytest.raises(Forbidden):
        save_filter(operator.actor, FLOWS, name="mine", said={"q": "order"}, is_shared=True)
    with pytest.raises(NotFound):
        remove_filter(editor.actor, RUNS, shared.pk)
    remove_filter(editor.actor, FLOWS, shared.pk)
    assert list_filters(editor.actor, FLOWS) == []
    assert len(list_filters(editor.actor, RUNS)) == 2
