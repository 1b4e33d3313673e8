"""Filters that someone keeps: one's own, shared ones, and who removes which."""

import pytest

from flows.errors import BadInput, Forbidden, NotFound
from flows.operations.saved_filters import list_filters, remove_filter, save_filter
from tests.cast import Person

FAILED = {"status": "failed", "last": "7d"}


def names(who: Person) -> list[str]:
    return [kept.name for kept in list_filters(who.actor)]


def test_ones_own_are_ones_own_and_shared_ones_everybodys(
    editor: Person, operator: Person, viewer: Person, admin: Person, stranger: Person
) -> None:
    save_filter(viewer.actor, name=" mine ", said={"test": "false"}, is_shared=False)
    shared = save_filter(operator.actor, name="failed lately", said=FAILED, is_shared=True)
    assert (names(viewer), names(editor), names(stranger)) == (["failed lately", "mine"], ["failed lately"], [])
    with pytest.raises(Forbidden):
        save_filter(viewer.actor, name="for all", said=FAILED, is_shared=True)
    with pytest.raises(Forbidden):
        remove_filter(editor.actor, shared.pk)
    with pytest.raises(NotFound):
        remove_filter(stranger.actor, shared.pk)
    remove_filter(admin.actor, shared.pk)
    assert names(operator) == []


def test_the_same_name_again_replaces_it(operator: Person) -> None:
    save_filter(operator.actor, name="one", said=FAILED, is_shared=False)
    save_filter(operator.actor, name="one", said={"status": "paused"}, is_shared=True)
    (kept,) = list_filters(operator.actor)
    assert (kept.filter, kept.is_shared) == ({"status": "paused"}, True)
    for name, said in (("", FAILED), ("x" * 81, FAILED), ("x", {"colour": "red"})):
        with pytest.raises(BadInput):
            save_filter(operator.actor, name=name, said=said, is_shared=False)
