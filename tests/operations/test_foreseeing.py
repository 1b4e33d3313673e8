"""What is foreseen of a release is what it meets: all of it before, and the first of it where it is done all the same."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from django.test import Client

from flows.errors import MulgilError, NotFound
from flows.models import Flow
from flows.operations.environments import Releasers, change_environment
from flows.operations.flows import archive_flow
from flows.operations.foreseeing import foresee
from flows.operations.releases import release, roll_back
from tests.cast import Person
from tests.operations.test_environments import with_call

Arrange = Callable[[Person, Flow], Any]


def given(admin: Person, **rest: Any) -> None:
    """In staging there is all that the flow asks for."""
    change_environment(
        admin.actor, "staging", vars={"base": "http://there"}, credentials={"payments": "payments-test"}, **rest
    )


def without_a_value(admin: Person, _: Flow) -> None:
    change_environment(admin.actor, "staging", credentials={"payments": "payments-test"})


def archived(admin: Person, made: Flow) -> None:
    given(admin)
    archive_flow(admin.actor, made.pk)


IN_THE_WAY: Final[dict[str, tuple[Arrange, list[str]]]] = {
    "nothing": (lambda admin, _: given(admin), []),
    "nothing is given there": (lambda admin, _: None, ["credential_not_bound", "variable_missing"]),
    "no value": (without_a_value, ["variable_missing"]),
    "nobody may": (lambda admin, _: given(admin, releasers=Releasers(users=["nobody"])), ["not_releaser"]),
    "a second person": (lambda admin, _: given(admin, needs_second=True), ["second_needed"]),
    "archived": (archived, ["archived"]),
}


@pytest.mark.parametrize("verb", [release, roll_back])
@pytest.mark.parametrize(("arrange", "codes"), IN_THE_WAY.values(), ids=IN_THE_WAY.keys())
def test_what_refuses_a_release_is_known_before(
    admin: Person, arrange: Arrange, codes: list[str], verb: Callable[..., Any]
) -> None:
    made = with_call(admin, base=None)
    arrange(admin, made)
    assert [one.code for one in foresee(admin.actor, made.pk, version=1, environment="staging").obstacles] == codes
    if not codes:
        assert verb(admin.actor, made.pk, version=1, environment="staging").environment.name == "staging"
        return
    with pytest.raises(MulgilError) as refused:
        verb(admin.actor, made.pk, version=1, environment="staging")
    assert refused.value.code == codes[0]


def test_a_version_whose_node_types_are_gone_is_foreseen(admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    made = with_call(admin, base=None)
    monkeypatch.setattr("flows.operations.fitting.catalogue", dict)
    assert [one.code for one in foresee(admin.actor, made.pk, version=1).obstacles] == ["node_types_gone"]


def test_what_was_live_there_is_held_up_by_what_its_runs_could_not_begin_without(client: Client, admin: Person) -> None:
    made = with_call(admin, base=None)
    given(admin)
    release(admin.actor, made.pk, version=1, environment="staging")
    at = f"/api/flows/{made.pk}"
    client.delete(f"{at}/environments/staging/", headers=admin.headers)
    change_environment(admin.actor, "staging", vars={})
    told = client.get(f"{at}/rollback/?version=1&environment=staging", headers=admin.headers).json()
    assert told == {
        "version": 1,
        "missing_credentials": [],
        "obstacles": [
            {
                "code": "variable_missing",
                "message": "base: the flow leaves the value to the environment, and staging has none.",
                "hint": "Give them a value in the environment's settings, or a default in the flow's.",
            }
        ],
    }


def test_of_a_version_there_is_not_nothing_is_foreseen(admin: Person, stranger: Person) -> None:
    made = with_call(admin, base=None)
    for who, version in ((admin, 2), (stranger, 1)):
        with pytest.raises(NotFound):
            foresee(who.actor, made.pk, version=version)
