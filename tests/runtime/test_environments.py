"""Runs of two environments, carried out: each with the values, the credentials and the called flows of its own."""

from typing import Any

import pytest

from flows.journal.read import run_view
from flows.models import Credential, Run
from flows.operations.actor import system
from flows.operations.credentials import create_credential
from flows.operations.drafts import save_draft
from flows.operations.environments import change_environment
from flows.operations.facts import NotBound
from flows.operations.fsck import check
from flows.operations.moving import move
from flows.operations.publishing import publish
from flows.operations.releases import release
from flows.operations.starting import start
from flows.operations.steering import signal
from tests import cast
from tests.operations.parked import FIRST, PAID, says
from tests.runtime.house import drive

pytestmark = pytest.mark.django_db(transaction=True)

START: dict[str, Any] = {"id": "start", "type": "trigger.manual"}
SAYS: dict[str, Any] = {"id": "says", "type": "data.transform", "config": {"value": "{{ vars.place }}"}}
CALLS: dict[str, Any] = {"id": "calls", "type": "flow.call", "config": {"flow": "child", "input": {}}}
PAY: dict[str, Any] = {"method": "GET", "url": "https://pay.example/"}
SETTINGS: dict[str, Any] = {"vars": {"place": "nowhere"}}


def in_both(*nodes: dict[str, Any], name: str = "parent") -> Any:
    actor = system(cast.workspace("house").pk, "asker")
    made = cast.flow(actor, cast.with_nodes(START, *nodes, settings=SETTINGS), name=name)
    release(actor, made.pk, version=1, environment="staging")
    return made


def ended(flow: Any, environment: str | None) -> dict[str, Any]:
    actor = system(flow.workspace_id, "asker")
    run = start(actor, flow.pk, environment=environment).run.id
    for _ in range(50):
        drive()
        view: dict[str, Any] = run_view(run) or {}
        if view["finished_at"] is not None:
            assert check().faults == []
            return view
    raise AssertionError(f"the run is still {view['status']}")


def test_each_environment_gives_its_own_value_and_the_run_says_where_it_is(db: None) -> None:
    made = in_both(SAYS)
    actor = system(made.workspace_id, "asker")
    change_environment(actor, "staging", vars={"place": "staging"})
    assert [ended(made, where)["output"] for where in (None, "staging")] == ["nowhere", "staging"]
    change_environment(actor, "production", vars={"place": "production"})
    told = [ended(made, where) for where in (None, "staging")]
    assert [one["output"] for one in told] == ["production", "staging"]
    assert [one["environment"] for one in told] == [None, "staging"]


def test_a_called_flow_runs_in_the_environment_of_its_caller(db: None) -> None:
    in_both(SAYS, name="child")
    made = in_both(CALLS)
    change_environment(system(made.workspace_id, "asker"), "staging", vars={"place": "staging"})
    assert ended(made, "staging")["output"] == "staging"
    runs = Run.objects.select_related("environment")
    assert {run.environment and run.environment.name for run in runs} == {"staging"}
    assert ended(made, None)["output"] == "nowhere"


def test_the_credential_is_the_one_that_is_bound_there(db: None) -> None:
    actor = system(cast.workspace("house").pk, "asker")
    for name in ("payments", "payments-test"):
        create_credential(actor, name=name, kind="http", values={"scheme": "bearer", "token": "t"})
    change_environment(actor, "staging", credentials={"payments": "payments-test"})
    asks = {
        "id": "asks",
        "type": "http.request",
        "config": {"method": "GET", "url": "https://pay.example"},
        "credential": "payments",
    }
    made = in_both(asks)
    Credential.objects.all().delete()
    # The error names what was looked for.
    told = [ended(made, where)["error"] for where in (None, "staging")]
    assert [one["code"] for one in told] == ["credential_missing"] * 2
    assert "The credential payments does" in told[0]["message"]
    assert "The credential payments-test does" in told[1]["message"]


def test_a_run_that_is_moved_keeps_what_it_was_given(db: None) -> None:
    actor = system(cast.workspace("house").pk, "asker")
    made = cast.flow(actor, FIRST, name="moved")
    change_environment(actor, "staging", vars={"word": "given"})
    release(actor, made.pk, version=1, environment="staging")
    run = start(actor, made.pk, environment="staging").run.id
    drive()
    change_environment(actor, "staging", vars={"word": "given later"})
    create_credential(actor, name="pay", kind="http", values={"scheme": "bearer", "token": "t"})
    last = says("more", "{{ vars.word }} again")
    for revision, node in enumerate((last, last | {"type": "http.request", "config": PAY, "credential": "pay"}), 1):
        document = cast.with_nodes(
            START,
            says("before", "once"),
            PAID,
            says("after", "{{ vars.word }}"),
            node,
            settings={"vars": {"word": "own"}},
        )
        save_draft(actor, made.pk, document=document, revision=revision)
        publish(actor, made.pk, release=False)
    with pytest.raises(NotBound, match="pay: not bound to a credential in staging"):
        move(actor, run, 3)
    move(actor, run, 2)
    drive()
    signal(actor, run, "paid", payload={})
    drive()
    assert (run_view(run) or {})["output"] == {"said": "given again"}
    assert check().faults == []
