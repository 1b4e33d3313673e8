from itertools import pairwise
from uuid import UUID

import pytest

from flows.errors import BadInput, Forbidden
from flows.operations.access import PERMISSIONS, Permission, allowed, may, read_scopes, require
from flows.operations.actor import Actor
from tests.cast import Person


def actor_with(role: str, scopes: frozenset[str] | None = None) -> Actor:
    return Actor(user=1, name="someone", workspace=UUID(int=1), role=role, scopes=scopes)


def test_each_role_may_all_that_the_one_below_may() -> None:
    ladder = [PERMISSIONS[role] for role in ("viewer", "operator", "editor", "admin")]
    assert all(below < above for below, above in pairwise(ladder))


def test_an_unknown_role_may_nothing() -> None:
    assert allowed(actor_with("owner")) == frozenset()


def test_a_viewer_may_not_start(viewer: Person) -> None:
    with pytest.raises(Forbidden) as refused:
        require(viewer.actor, Permission.RUNS_START)
    assert refused.value.status == 403


def test_scopes_narrow_and_never_widen() -> None:
    narrowed = actor_with("viewer", frozenset({"runs:read", "runs:start"}))
    assert may(narrowed, Permission.RUNS_READ)
    assert not may(narrowed, Permission.RUNS_START)
    assert not may(narrowed, Permission.FLOWS_READ)


def test_an_unknown_scope_is_named() -> None:
    with pytest.raises(BadInput, match="everything"):
        read_scopes(["everything"])
