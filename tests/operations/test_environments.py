"""What an environment gives to the runs that start in it, and that each of them keeps what it began with."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from flows.errors import BadInput, Forbidden, NotFound
from flows.models import Credential, Environment, Flow, Run, Trigger
from flows.operations.batches import start_batch
from flows.operations.credentials import create_credential
from flows.operations.draft_runs import DraftOrder, start_draft
from flows.operations.drafts import save_draft
from flows.operations.environments import (
    EnvironmentInUse,
    EnvironmentTaken,
    NeededThere,
    NoCredential,
    change_environment,
    create_environment,
    delete_environment,
    environment_named,
    list_environments,
    vars_of,
)
from flows.operations.errors import NotLiveThere
from flows.operations.facts import NotBound, NoValue
from flows.operations.flows import find_flow
from flows.operations.publishing import publish
from flows.operations.releases import list_releases, release, roll_back
from flows.operations.rerunning import Again, rerun
from flows.operations.starting import KeyReused, start
from tests.cast import CHAIN, Person, flow, with_nodes

START = {"id": "start", "type": "trigger.manual"}
CALL = {
    "id": "call",
    "type": "http.request",
    "config": {"method": "GET", "url": "{{ vars.base }}"},
    "credential": "payments",
}


def two_places(editor: Person, document: dict[str, Any] | None = None) -> Flow:
    """Version 1 in production and in staging."""
    made = flow(editor.actor, document)
    release(editor.actor, made.pk, version=1, environment="staging")
    return made


def with_call(person: Person, **values: Any) -> Flow:
    """A flow that uses the credential `payments`, of which there is one, beside another for trials; with variables."""
    for name in ("payments", "payments-test"):
        create_credential(person.actor, name=name, kind="http", values={"scheme": "bearer", "token": "t"})
    return flow(person.actor, with_nodes(START, CALL, settings={"vars": values}))


def with_vars(**values: Any) -> dict[str, Any]:
    return {**CHAIN, "settings": {"vars": values}}


def row(run: Any) -> Run:
    return Run.objects.select_related("environment", "setting").get(pk=run.run.id)


def test_a_workspace_has_three_to_begin_with_and_the_last_is_the_default_one(viewer: Person) -> None:
    found = list_environments(viewer.actor)
    assert [(one.name, one.is_default) for one in found] == [("dev", False), ("staging", False), ("production", True)]
    assert [one.pk for one in list_environments(viewer.actor)] == [one.pk for one in found]


def test_who_names_no_environment_means_the_default_one(editor: Person) -> None:
    made = two_places(editor)
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "second"}, revision=1)
    publish(editor.actor, made.pk)
    assert start(editor.actor, made.pk).run.version == 2
    assert start(editor.actor, made.pk, environment="production").run.version == 2
    assert start(editor.actor, made.pk, environment="staging").run.version == 1
    named = {run.environment.name if run.environment else None for run in Run.objects.select_related("environment")}
    assert named == {None, "staging"}


def test_each_environment_has_a_history_of_its_own(editor: Person) -> None:
    made = two_places(editor)
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "second"}, revision=1)
    publish(editor.actor, made.pk)
    release(editor.actor, made.pk, version=2, environment="staging")
    back = roll_back(editor.actor, made.pk, version=1, environment="staging")
    assert back.previous is not None
    assert (back.environment.name, back.previous.number) == ("staging", 2)
    live = find_flow(editor.actor, made.pk).live
    assert live is not None
    assert live.version.number == 2, "production is where it was"
    told = list_releases(editor.actor, made.pk, environment="staging").rows
    assert [one.kind for one in told] == ["rollback", "publish", "publish"]
    assert [one.kind for one in list_releases(editor.actor, made.pk).rows] == ["publish", "publish"]


def test_nothing_starts_where_nothing_is_live(editor: Person) -> None:
    made = flow(editor.actor)
    with pytest.raises(NotLiveThere, match="staging"):
        start(editor.actor, made.pk, environment="staging")
    with pytest.raises(NotFound, match="environment"):
        start(editor.actor, made.pk, environment="moon")


def test_a_change_holds_for_new_starts_at_once_and_a_run_keeps_what_it_began_with(admin: Person) -> None:
    made = two_places(admin, with_vars(base="http://here"))
    before = start(admin.actor, made.pk, environment="staging")
    change_environment(admin.actor, "staging", vars={"base": "http://there", "unknown": 1})
    first = start(admin.actor, made.pk, environment="staging")
    change_environment(admin.actor, "staging", vars={"base": "http://elsewhere"})
    second = start(admin.actor, made.pk, environment="staging")
    given = [vars_of(row(one).setting) for one in (before, first, second)]
    assert [one.get("base") for one in given] == [None, "http://there", "http://elsewhere"]
    assert row(start(admin.actor, made.pk)).setting is None, "production gives nothing of its own"


def test_the_default_one_gives_its_values_too(admin: Person) -> None:
    made = flow(admin.actor, with_vars(base="http://here"))
    start(admin.actor, made.pk)
    change_environment(admin.actor, "production", vars={"base": "http://live"})
    begun = row(start(admin.actor, made.pk))
    assert begun.environment is None
    assert vars_of(begun.setting) == {"base": "http://live"}


@pytest.mark.parametrize("ways", ["batch", "named", "draft"])
def test_every_way_to_start_names_the_setting(admin: Person, ways: str) -> None:
    made = two_places(admin, with_vars(base="http://here"))
    there = change_environment(admin.actor, "staging", vars={"base": "http://there"})
    starts: dict[str, Callable[[], Any]] = {
        "batch": lambda: start_batch(admin.actor, made.pk, inputs=[{}], environment="staging"),
        "named": lambda: start(admin.actor, made.pk, version=1, environment="staging"),
        "draft": lambda: start_draft(admin.actor, made.pk, DraftOrder(environment="staging")),
    }
    starts[ways]()
    run = Run.objects.get()
    assert (run.environment, run.setting) == (there, there.setting)


def test_a_rerun_goes_where_its_run_was_with_what_is_given_there_now(admin: Person) -> None:
    made = two_places(admin, with_vars(base="http://here"))
    change_environment(admin.actor, "staging", vars={"base": "http://wrong"})
    old = start(admin.actor, made.pk, environment="staging")
    there = change_environment(admin.actor, "staging", vars={"base": "http://right"})
    again = row(rerun(admin.actor, old.run.id, Again()))
    assert (again.environment, again.setting) == (there, there.setting)


def test_one_key_in_two_environments_is_two_requests(editor: Person) -> None:
    made = two_places(editor)
    start(editor.actor, made.pk, idempotency_key="k", environment="staging")
    with pytest.raises(KeyReused):
        start(editor.actor, made.pk, idempotency_key="k")
    start_batch(editor.actor, made.pk, inputs=[{}], idempotency_prefix="many", environment="staging")
    with pytest.raises(KeyReused):
        start_batch(editor.actor, made.pk, inputs=[{}], idempotency_prefix="many")
    drafts = [start_draft(editor.actor, made.pk, DraftOrder(key="draft", environment="staging")) for _ in range(2)]
    assert [one.created for one in drafts] == [True, False]
    with pytest.raises(KeyReused):
        start_draft(editor.actor, made.pk, DraftOrder(key="draft"))


def test_lines_of_two_environments_do_not_wait_for_each_other(editor: Person) -> None:
    made = two_places(editor, {**CHAIN, "settings": {"concurrency": {"limit": 1}}})
    start(editor.actor, made.pk)
    assert not row(start(editor.actor, made.pk, environment="staging")).held
    assert row(start(editor.actor, made.pk)).held


def test_a_credential_must_be_bound_anywhere_but_in_the_default_one(admin: Person) -> None:
    made = with_call(admin, base="http://here")
    with pytest.raises(NotBound, match="payments: not bound to a credential in staging"):
        release(admin.actor, made.pk, version=1, environment="staging")
    change_environment(admin.actor, "staging", credentials={"payments": "payments-test"})
    release(admin.actor, made.pk, version=1, environment="staging")
    with pytest.raises(NeededThere, match="Chain is live in staging"):
        change_environment(admin.actor, "staging", credentials={})
    assert environment_named(admin.actor.workspace, "staging").setting is not None, "nothing is half done"
    start(admin.actor, made.pk)


def test_a_name_may_mean_something_in_environments_alone(admin: Person) -> None:
    made = with_call(admin, base="http://here")
    Credential.objects.filter(name="payments").delete()
    change_environment(admin.actor, "staging", credentials={"payments": "payments-test"})
    with pytest.raises(NoCredential, match="no credential payments"):
        publish(admin.actor, made.pk)
    assert publish(admin.actor, made.pk, release=False).version.number == 2
    change_environment(admin.actor, "production", credentials={"payments": "payments-test"})
    assert publish(admin.actor, made.pk).release is not None


def test_a_variable_without_a_value_must_be_given_one(admin: Person) -> None:
    made = flow(admin.actor, with_vars(base=None))
    start(admin.actor, made.pk)
    with pytest.raises(NoValue, match="base"):
        release(admin.actor, made.pk, version=1, environment="staging")
    change_environment(admin.actor, "staging", vars={"base": "http://there"})
    release(admin.actor, made.pk, version=1, environment="staging")


def test_triggers_of_two_environments_stand_beside_each_other(editor: Person) -> None:
    hook = {"id": "hook", "type": "trigger.webhook", "config": {"path": "orders", "auth": "none"}}
    made = two_places(editor, with_nodes(hook, {"id": "say", "type": "log", "config": {"message": "hi"}}))
    found = Trigger.objects.filter(flow=made, active=True).select_related("environment")
    assert {trigger.environment.name for trigger in found} == {"production", "staging"}


def test_an_environment_of_ones_own_stands_on_the_way(admin: Person) -> None:
    create_environment(admin.actor, name="europe", place=2)
    create_environment(admin.actor, name="moon")
    names = [one.name for one in list_environments(admin.actor)]
    assert names == ["dev", "staging", "europe", "production", "moon"]
    with pytest.raises(EnvironmentTaken):
        create_environment(admin.actor, name="moon")
    for name in ("", "Moon", "a@b", "1st", "x" * 41):
        with pytest.raises(BadInput):
            create_environment(admin.actor, name=name)


def test_an_environment_with_a_history_stays(admin: Person) -> None:
    made = flow(admin.actor)
    change_environment(admin.actor, "dev", vars={"base": 1})
    delete_environment(admin.actor, "dev")
    assert not Environment.objects.filter(name="dev", workspace=admin.actor.workspace).exists()
    release(admin.actor, made.pk, version=1, environment="staging")
    for name in ("staging", "production"):
        with pytest.raises(EnvironmentInUse):
            delete_environment(admin.actor, name)


@pytest.mark.parametrize(
    "wrong",
    [
        {"vars": {"": 1}},
        {"vars": {"x": "y" * 70_000}},
        {"credentials": {"payments": "nowhere"}},
        {"place": -1},
    ],
    ids=["a name that is empty", "too much", "a credential there is not", "a place before the first"],
)
def test_what_can_not_be_is_refused(admin: Person, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        change_environment(admin.actor, "staging", **wrong)


def test_an_editor_changes_no_environment(editor: Person) -> None:
    for refused in (
        lambda: change_environment(editor.actor, "staging", vars={}),
        lambda: create_environment(editor.actor, name="moon"),
        lambda: delete_environment(editor.actor, "dev"),
    ):
        with pytest.raises(Forbidden):
            refused()


def test_a_stranger_has_environments_of_their_own(admin: Person, stranger: Person) -> None:
    create_environment(admin.actor, name="moon")
    with pytest.raises(NotFound):
        change_environment(stranger.actor, "moon", vars={})


@pytest.mark.django_db(transaction=True)
def test_starts_while_the_values_change_carry_those_of_their_moment(admin: Person) -> None:
    made = two_places(admin, with_vars(n=0))
    change_environment(admin.actor, "staging", vars={"n": 0})
    halt = Event()

    def keep_starting(_: int) -> list[tuple[UUID, float, float]]:
        spans = []
        try:
            while not halt.is_set():
                begun = time.monotonic()
                run = start(admin.actor, made.pk, environment="staging").run.id
                spans.append((run, begun, time.monotonic()))
        finally:
            connection.close()
        return spans

    # From somewhere within its own change to somewhere within the next one a value held.
    changes = [(time.monotonic(), time.monotonic())]
    with ThreadPoolExecutor(2) as pool:
        starters = [pool.submit(keep_starting, number) for number in range(2)]
        for number in range(1, 30):
            begun = time.monotonic()
            change_environment(admin.actor, "staging", vars={"n": number})
            changes.append((begun, time.monotonic()))
            after = start(admin.actor, made.pk, environment="staging")
            assert vars_of(row(after).setting) == {"n": number}, "a start after a change uses it"
        halt.set()
        spans = [span for starter in starters for span in starter.result()]
    changes.append((time.monotonic(), time.monotonic()))
    runs = Run.objects.select_related("setting").in_bulk([run for run, _, _ in spans])
    for run, begun, ended in spans:
        number = int(str(vars_of(runs[run].setting)["n"]))
        assert begun <= changes[number + 1][1], f"{number} held no more"
        assert changes[number][0] <= ended or number == 0, f"{number} did not hold yet"
