"""A run that stops before a step, on a real executor: parked, looked at, edited, let go on, stepped over."""

from typing import Any

import pytest
from django.test import Client

from flows.engine.breakpoints import BadBreakpoint, NotHeld
from flows.engine.failures import NotUncertain
from flows.engine.part import Part
from flows.errors import Forbidden, NotFound
from flows.journal.read import run_view, step_detail
from flows.models import Run
from flows.operations.breakpoints import let_go, read_breakpoints, set_breakpoints
from flows.operations.draft_runs import DraftOrder, start_draft
from flows.operations.starting import start
from flows.operations.steering import RunEnded, cancel, resolve
from tests.cast import Person, flow, person
from tests.runtime.house import drive, kinds


@pytest.fixture
def editor(transactional_db: None) -> Person:
    return person("editor", "editor")


def stopped(editor: Person, **points: str) -> Run:
    """A test run of the chain, driven until it stops."""
    made = flow(editor.actor, published=False)
    run = start_draft(editor.actor, made.pk, DraftOrder(input={"n": 4}, breakpoints=points)).run.id
    drive()
    return Run.objects.get(pk=run)


def view_of(run: Run) -> Any:
    return run_view(run.pk)


def test_a_run_parks_before_the_step_and_shows_what_it_would_get(editor: Person) -> None:
    run = stopped(editor, two="")
    assert (run.status, run.owner, run.wake_at) == ("waiting", None, None)
    step: Any = step_detail(run.pk, "two")
    assert (step["status"], step["waits_on"], step["attempt"]) == ("waiting", {"on": "breakpoint", "ref": ""}, 0)
    assert step["input"] == {"value": 5}
    assert read_breakpoints(editor.actor, run.pk) == {"two": ""}


def test_another_executor_goes_on_with_it_after_any_restart(editor: Person) -> None:
    run = stopped(editor, two="")
    let_go(editor.actor, run.pk, "two", verdict="continue")
    drive()
    assert (view_of(run)["status"], view_of(run)["output"]) == ("succeeded", 5)


def test_an_edited_input_is_what_the_step_gets(editor: Person) -> None:
    run = stopped(editor, two="nodes.one.x > 3")
    let_go(editor.actor, run.pk, "two", verdict="continue", given=({"value": 40},))
    drive()
    assert view_of(run)["output"] == 40
    step: Any = step_detail(run.pk, "two")
    assert step["input"] == {"value": 40}


def test_an_edited_input_that_does_not_fit_fails_its_step_with_the_reason(editor: Person) -> None:
    run = stopped(editor, two="")
    let_go(editor.actor, run.pk, "two", verdict="continue", given=({"values": 40},))
    drive()
    assert view_of(run)["status"] == "failed"
    assert view_of(run)["error"]["code"] == "bad_config"


def test_a_step_is_stepped_over_with_an_output_of_ones_own(editor: Person) -> None:
    run = stopped(editor, one="")
    let_go(editor.actor, run.pk, "one", verdict="over", output={"x": 99})
    drive()
    assert view_of(run)["output"] == 100


def test_a_condition_that_does_not_hold_lets_the_run_through(editor: Person) -> None:
    run = stopped(editor, two="{{ nodes.one.x > 4 }}")
    assert run.status == "succeeded"
    assert "breakpoint_passed" in kinds(run)


def test_a_part_stops_at_the_breakpoints_that_stand_in_it(editor: Person) -> None:
    made = flow(editor.actor, published=False)
    order = DraftOrder(input={"n": 4}, part=Part("until", "one"), breakpoints={"one": "", "two": ""})
    run = start_draft(editor.actor, made.pk, order).run.id
    drive()
    assert read_breakpoints(editor.actor, run) == {"one": ""}


def test_breakpoints_are_set_on_a_run_that_goes_on_and_taken_away(editor: Person) -> None:
    made = flow(editor.actor)
    run = Run.objects.get(pk=start(editor.actor, made.pk, input={"n": 4}).run.id)
    set_breakpoints(editor.actor, run.pk, {"one": "", "two": ""})
    assert read_breakpoints(editor.actor, run.pk) == {"one": "", "two": ""}
    drive()
    set_breakpoints(editor.actor, run.pk, {})
    let_go(editor.actor, run.pk, "one", verdict="continue")
    drive()
    assert view_of(run)["status"] == "succeeded"
    assert read_breakpoints(editor.actor, run.pk) == {}


def test_a_run_that_stands_at_a_breakpoint_is_cancelled_like_any_other(editor: Person) -> None:
    run = stopped(editor, two="")
    cancel(editor.actor, run.pk)
    drive()
    assert view_of(run)["status"] == "cancelled"


def test_what_cannot_be_is_refused_by_name(editor: Person) -> None:
    run = stopped(editor, two="")
    with pytest.raises(BadBreakpoint, match="no such node"):
        set_breakpoints(editor.actor, run.pk, {"three": ""})
    with pytest.raises(NotHeld, match="one doesn't stand at a breakpoint: it is succeeded"):
        let_go(editor.actor, run.pk, "one", verdict="continue")
    with pytest.raises(NotUncertain, match="two is not uncertain, it is waiting"):
        resolve(editor.actor, run.pk, "two", verdict="retry")
    for unknown in ("nobody", "no\x00body"):
        with pytest.raises(NotFound):
            let_go(editor.actor, run.pk, unknown, verdict="over")
    cancel(editor.actor, run.pk)
    drive()
    with pytest.raises(RunEnded):
        let_go(editor.actor, run.pk, "two", verdict="continue")


def test_a_viewer_looks_and_a_stranger_sees_nothing(editor: Person) -> None:
    run = stopped(editor, two="")
    viewer, stranger = person("viewer", "viewer"), person("stranger", "admin", home="elsewhere")
    assert read_breakpoints(viewer.actor, run.pk) == {"two": ""}
    with pytest.raises(Forbidden):
        let_go(viewer.actor, run.pk, "two", verdict="continue")
    with pytest.raises(NotFound):
        let_go(stranger.actor, run.pk, "two", verdict="continue")


def test_it_all_goes_over_http(editor: Person, client: Client) -> None:
    made, json = flow(editor.actor, published=False), "application/json"
    body = {"draft": True, "input": {"n": 4}, "breakpoints": {"one": "", "two": "nodes.one.x > 3"}}
    run = client.post(f"/api/flows/{made.pk}/runs/", body, content_type=json, headers=editor.headers).json()["id"]
    drive()
    at = f"/api/runs/{run}/"
    asked = {"step": "one", "verdict": "continue"}
    assert client.post(f"{at}let-go/", asked, content_type=json, headers=editor.headers).status_code == 202
    drive()
    again = client.post(f"{at}let-go/", asked, content_type=json, headers=editor.headers)
    assert (again.status_code, again.json()["code"]) == (409, "not_held")
    points = client.get(f"{at}breakpoints/", headers=editor.headers).json()["breakpoints"]
    assert points == {"one": "", "two": "{{ nodes.one.x > 3 }}"}
    none = client.put(f"{at}breakpoints/", {"breakpoints": {}}, content_type=json, headers=editor.headers)
    assert none.status_code == 202
    asked = {"step": "two", "verdict": "over", "output": "mine"}
    assert client.post(f"{at}let-go/", asked, content_type=json, headers=editor.headers).status_code == 202
    drive()
    assert client.get(at, headers=editor.headers).json()["output"] == "mine"
    live = client.post(
        f"/api/flows/{made.pk}/runs/", {"breakpoints": {"one": ""}}, content_type=json, headers=editor.headers
    )
    assert live.status_code == 422
