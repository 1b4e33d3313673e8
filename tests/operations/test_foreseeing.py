"""What is foreseen of a release is what it meets: all of it before, and the first of it where it is done all the same."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from django.test import Client

from flows.errors import MulgilError, NotFound
from flows.models import Credential, Flow
from flows.operations.activation import PathTaken
from flows.operations.drafts import save_draft
from flows.operations.environments import Releasers, change_environment
from flows.operations.flows import archive_flow, switch_triggers
from flows.operations.foreseeing import foresee, foresee_canary
from flows.operations.promoting import promote
from flows.operations.publishing import publish
from flows.operations.releases import release, roll_back, start_canary
from tests.cast import CHAIN, Person, flow, with_nodes
from tests.operations.test_environments import CALL, START, with_call
from tests.operations.test_releases import hook_document

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


@pytest.mark.parametrize(("arrange", "codes"), IN_THE_WAY.values(), ids=IN_THE_WAY.keys())
def test_what_refuses_a_canary_is_known_before(admin: Person, arrange: Arrange, codes: list[str]) -> None:
    with_call(admin, base=None)  # for the credentials
    made = flow(admin.actor)
    release(admin.actor, made.pk, version=1, environment="staging")
    draft = with_nodes(START, CALL, description="second", settings={"vars": {"base": None}})
    save_draft(admin.actor, made.pk, document=draft, revision=1)
    publish(admin.actor, made.pk, release=False)
    arrange(admin, made)
    seen = foresee_canary(admin.actor, made.pk, version=2, environment="staging")
    assert [one.code for one in seen.obstacles] == codes
    if not codes:
        begun = start_canary(admin.actor, made.pk, version=2, weight=5, guards={}, environment="staging")
        assert begun.kind == "canary"
        return
    with pytest.raises(MulgilError) as refused:
        start_canary(admin.actor, made.pk, version=2, weight=5, guards={}, environment="staging")
    assert refused.value.code == codes[0]


def test_a_canary_needs_another_version_beside_it(client: Client, admin: Person) -> None:
    made = with_call(admin, base="http://here")
    asked = f"/api/flows/{made.pk}/canary/?version=1"
    for there, code in (("", "bad_input"), ("&environment=staging", "not_published")):
        told = client.get(f"{asked}{there}", headers=admin.headers).json()
        assert code in [one["code"] for one in told["obstacles"]], told


def test_a_canary_is_refused_for_want_of_a_credential_although_the_version_was_live(admin: Person) -> None:
    made = with_call(admin, base="http://here")
    save_draft(admin.actor, made.pk, document=CHAIN, revision=1)
    publish(admin.actor, made.pk)
    Credential.objects.filter(name="payments").delete()
    assert foresee(admin.actor, made.pk, version=1).obstacles == []
    seen = foresee_canary(admin.actor, made.pk, version=1)
    assert ([one.code for one in seen.obstacles], seen.missing) == (["credential_missing"], ["payments"])


def test_a_path_that_another_flow_has_is_told_before_it_refuses(client: Client, admin: Person) -> None:
    holder = flow(admin.actor, hook_document("orders/:id"), name="The first")
    second = flow(admin.actor, hook_document("orders/:number"), published=False, name="The second")
    at = f"/api/flows/{second.pk}"
    said = "The webhook path orders/: belongs to the flow The first already."
    told = client.get(f"{at}/publish/", headers=admin.headers).json()["obstacles"]
    assert [(one["code"], one["message"]) for one in told] == [("path_taken", said)]
    publish(admin.actor, second.pk, release=False)
    assert [str(one) for one in foresee(admin.actor, second.pk, version=1).obstacles] == [said]
    release(admin.actor, second.pk, version=1, environment="staging")
    promoted = client.get(f"{at}/promote/?to=production", headers=admin.headers).json()
    assert [one["code"] for one in promoted["obstacles"]] == ["path_taken"]
    with pytest.raises(PathTaken):
        promote(admin.actor, second.pk, to="production")
    assert foresee(admin.actor, second.pk, version=1, environment="staging").obstacles == [], "its own path"
    # A flow that nothing starts from outside takes no path.
    switch_triggers(admin.actor, second.pk, active=False)
    assert foresee(admin.actor, second.pk, version=1).obstacles == []
    switch_triggers(admin.actor, second.pk, active=True)
    archive_flow(admin.actor, holder.pk)
    assert foresee(admin.actor, second.pk, version=1).obstacles == []
    assert release(admin.actor, second.pk, version=1).environment.name == "production"


def test_what_refuses_the_release_of_a_draft_is_known_before(client: Client, admin: Person) -> None:
    made = with_call(admin, base="http://here")

    def told() -> list[str]:
        answer = client.get(f"/api/flows/{made.pk}/publish/", headers=admin.headers)
        return [one["code"] for one in answer.json()["obstacles"]]

    assert told() == []
    Credential.objects.filter(name="payments").delete()
    change_environment(admin.actor, "production", releasers=Releasers(users=["nobody"]))
    assert told() == ["not_releaser", "credential_missing"]
    save_draft(admin.actor, made.pk, document={"dsl": 1, "nodes": 3}, revision=1)
    assert told() == ["not_releaser"], "what is wrong with the document its problems tell"


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
