"""A run that goes on by another version: what stays as it is, what is weighed anew, and what keeps it where it is."""

import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.dsl.document import Document
from flows.engine.compile import compile_plan
from flows.engine.events import Event, RunMoved, RunPaused, RunResumed, SignalReceived, StepStarted
from flows.engine.failures import CorruptHistory
from flows.engine.invariants import Examiner
from flows.engine.machine import Machine
from flows.engine.obstacles import SENTENCES, WHOLE, Why
from flows.engine.plan import Plan
from flows.engine.simulate import simulate
from flows.engine.snapshot import dump_state, load_state
from flows.engine.transplant import Fit, fit, transplant
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import fails, flow, run, states
from tests.engine.golden import SECOND, moved, wait
from tests.engine.worlds import flows

GO: dict[str, Any] = {"type": "flow.signal", "config": {"name": "go"}}
CALLED: dict[str, Any] = {"type": "flow.signal", "config": {"name": "come"}}
UNDO: dict[str, Any] = {"on_failure": "compensate"}
LOOP: dict[str, Any] = {"type": "flow.for_each", "config": {"items": [1, 2]}}
CAME = SignalReceived(at=9 * SECOND, name="go", payload=1)


def plan_of(document: Document) -> Plan:
    return compile_plan(document, CATALOGUE)


def parked(document: Document, **more: Any) -> Machine:
    """A run that was begun and waits for what never comes."""
    return run(document, **more).machine


def look(before: Document, after: Document, **more: Any) -> Fit:
    machine = parked(before, **more)
    return fit(machine.plan, machine.state, plan_of(after))


def why(found: Fit) -> list[str]:
    return [f"{one.why} {one.node}".strip() for one in found.obstacles]


# --- what becomes of a run --------------------------------------------------------------------------------


def test_what_waits_goes_on_waiting_and_what_follows_is_the_new_versions() -> None:
    first, second = flow("start > old > s > a", s=GO), flow("start > s > b > c", "start > d", s=GO)
    played = run(first, happenings=[moved(SECOND, 2), CAME], versions={"v2": second})
    assert played.status == "succeeded"
    assert states(played) == dict.fromkeys(("start", "old", "s", "b", "c", "d"), "succeeded")
    assert played.output == {"c": None, "d": None}


def test_a_timer_keeps_its_due_although_the_new_version_waits_longer() -> None:
    first, second = flow("start > w > a", w=wait("5s")), flow("start > w > a", w=wait("9h"))
    played = run(first, happenings=[moved(SECOND, 2)], versions={"v2": second})
    assert played.finished_at == 5 * SECOND


def test_a_paused_run_with_a_step_before_it_takes_the_step_of_the_new_version() -> None:
    happenings: list[Event] = [RunPaused(at=SECOND), moved(3 * SECOND, 2), RunResumed(at=4 * SECOND)]
    slow = {"a": [{"after": "2s"}]}
    played = run(flow("start > a > b"), mocks=slow, happenings=happenings, versions={"v2": flow("start > a > c")})
    assert states(played) == {"start": "succeeded", "a": "succeeded", "c": "succeeded"}


def test_a_loop_in_its_midst_goes_on_with_the_settings_of_the_new_version() -> None:
    first = flow("start > l", "p@l > q@l", l=LOOP, p=wait("5s"), q={"config": {"x": 1}})
    second = flow("start > l > z", "p@l > q@l", l=LOOP, p=wait("5s"), q={"config": {"x": 2}})
    machine = parked(first, happenings=[RunPaused(at=SECOND)])
    new = plan_of(second)
    there = transplant(machine.plan, machine.state, new)
    assert there.steps["l[0]/p"].plan is new.nodes["p"]
    assert there.scopes["l[0]/"].region is new.nodes["l"].inner
    played = run(first, happenings=[moved(2 * SECOND, 2)], versions={"v2": second})
    assert (played.status, states(played)["z"], states(played)["l[1]/q"]) == ("succeeded",) * 3


def test_steps_are_undone_in_the_order_they_were_completed_by_the_undo_of_the_new_version() -> None:
    paths = ("start > a > b > w > z", "a.compensate > ua", "b.compensate > ub")
    first = flow(*paths, w=wait("5s"), settings=UNDO)
    second = flow(*paths, "ub > more", w=wait("5s"), settings=UNDO)
    played = run(first, mocks={"z": [fails()]}, happenings=[moved(SECOND, 2)], versions={"v2": second})
    begun = [event.step for event in played.journal if isinstance(event, StepStarted)]
    assert begun[-3:] == ["ub", "more", "ua"]
    assert played.status == "failed"


def test_a_disabled_node_that_led_on_still_leads_on_where_it_is_enabled() -> None:
    first = flow("start > a > s > b", a={"disabled": True}, s=GO)
    second, third = flow("start > a > s > b", s=GO), flow("start > a > s > c", s=GO)
    happenings = [moved(SECOND, 2), moved(2 * SECOND, 3), CAME]
    played = run(first, happenings=happenings, versions={"v2": second, "v3": third})
    assert states(played) == {"start": "succeeded", "a": "skipped", "s": "succeeded", "c": "succeeded"}


def test_the_runs_time_is_that_of_the_new_version_counted_from_its_start() -> None:
    first, second = (
        flow("start > s", s=GO, settings={"timeout": "5s"}),
        flow("start > s", s=GO, settings={"timeout": "8s"}),
    )
    played = run(first, happenings=[moved(SECOND, 2)], versions={"v2": second})
    assert (played.status, played.finished_at) == ("failed", 8 * SECOND)
    played = run(first, happenings=[moved(SECOND, 2), CAME], versions={"v2": flow("start > s", s=GO)})
    assert played.status == "succeeded", "the new version knows no end of time"


def test_whoever_takes_over_after_whichever_event_finds_the_moved_run() -> None:
    first = flow("start > old > s > a", "start > l", "p@l > q@l", s=GO, l=LOOP, p=wait("5s"))
    second = flow("start > s > b", "start > l > z", "p@l > q@l", s=GO, l=LOOP, p=wait("7s"))
    given: dict[str, Any] = {"happenings": [moved(SECOND, 2), CAME], "versions": {"v2": second}}
    calm = run(first, **given)
    assert calm.status == "succeeded"
    for seq in range(1, len(calm.journal)):
        again = run(first, crash_after=(seq,), **given)
        assert (again.output, states(again)) == (calm.output, states(calm)), f"after event {seq}"


def test_a_snapshot_behind_the_move_needs_the_new_plan_alone() -> None:
    first, second = flow("start > s > a", s=GO), flow("start > s > b", s=GO)
    machine = parked(first, happenings=[moved(SECOND, 2)], versions={"v2": second})
    text = json.dumps(dump_state(machine.state))
    new = plan_of(second)
    assert json.dumps(dump_state(load_state(new, json.loads(text)))) == text
    assert machine.seq == 4


def test_the_examiner_follows_a_run_to_its_new_version() -> None:
    first, second = flow("start > old > s > a", s=GO), flow("start > s > b > c", s=GO)
    played = run(first, happenings=[moved(SECOND, 2), CAME], versions={"v2": second})
    examiner = Examiner(plan_of(first), {"v2": plan_of(second)})
    for seq, event in enumerate(played.journal, 1):
        examiner.take(seq, event)
    assert examiner.finish() == []
    lost = Examiner(plan_of(first))
    for seq, event in enumerate(played.journal, 1):
        lost.take(seq, event)
    assert "fold" in {finding.rule for finding in lost.finish()}, "without the version it can't be followed"


# --- what keeps it where it is ----------------------------------------------------------------------------

TRY: dict[str, Any] = {"type": "flow.try"}
OBSTACLES: list[tuple[str, Document, Document, list[str]]] = [
    ("the step that waits is gone", flow("start > s", s=GO), flow("start > a"), ["node_gone s"]),
    ("it is another type", flow("start > s", s=GO), flow("start > s", s=wait("1s")), ["type_changed s"]),
    ("it awaits another signal", flow("start > s", s=GO), flow("start > s", s=CALLED), ["signal_changed s"]),
    (
        "it left by a port that is no more",
        flow("start > i > s", i={"type": "effect.pure"}, s=GO),
        flow("start > i > s", i={"type": "flow.if", "config": {"condition": True}}, s=GO),
        ["type_changed i"],
    ),
    (
        "something new stands before what has run",
        flow("start > a > s", s=GO),
        flow("start > new > a > s", s=GO),
        ["before_it a"],
    ),
    (
        "something new stands before what waits, beside what has run",
        flow("start > a > s", s=GO),
        flow("start > a > s", "start > new > s", s=GO),
        ["before_it s"],
    ),
    (
        "another item's way",
        flow("start > l", "p@l > q@l", l=LOOP, p=GO),
        flow("start > l", "p@l > r@l > q@l", l=LOOP, p=GO),
        ["inside_changed l"],
    ),
    (
        "a container that holds what waits is gone",
        flow("start > t", "s@t", t=TRY, s=GO),
        flow("start > s", s=GO),
        ["node_gone t", "node_gone s"],
    ),
    (
        "what is to be undone can't be",
        flow("start > a > s", "a.compensate > u", s=GO, settings=UNDO),
        flow("start > a > s", s=GO, settings=UNDO),
        ["undo_gone a"],
    ),
    (
        "what is to be undone is gone",
        flow("start > a > s", "a.compensate > u", s=GO, settings=UNDO),
        flow("start > s", s=GO, settings=UNDO),
        ["node_gone a"],
    ),
    ("only one of them undoes", flow("start > s", s=GO), flow("start > s", s=GO, settings=UNDO), ["undo_setting"]),
    (
        "it ran at its end and waits in the new version for more",
        flow("start > a", "start > s", s=GO),
        flow("start > a", "start > s", "s > a", s=GO),
        ["before_it a"],
    ),
]


@pytest.mark.parametrize(("before", "after", "told"), [one[1:] for one in OBSTACLES], ids=[one[0] for one in OBSTACLES])
def test_what_does_not_fit_is_told_and_left_alone(before: Document, after: Document, told: list[str]) -> None:
    machine = parked(before)
    untouched = json.dumps(dump_state(machine.state))
    found = fit(machine.plan, machine.state, plan_of(after))
    assert why(found) == told
    assert found.state is None
    assert json.dumps(dump_state(machine.state)) == untouched
    machine.plans = {"v2": plan_of(after)}
    with pytest.raises(CorruptHistory):
        machine.apply(moved(SECOND, 2))


def test_what_was_skipped_is_not_brought_to_life() -> None:
    choice: dict[str, Any] = {"type": "flow.if", "config": {"condition": True}}
    mocks = {"i": [{"port": "true"}]}
    first = flow("start > i", "i.true > s", "i.false > b", i=choice, s=GO)
    assert why(look(first, flow("start > i", "i.true > s > b", i=choice, s=GO), mocks=mocks)) == ["revived b"]
    assert why(look(first, flow("start > i", "i.true > s", "i.true > b", i=choice, s=GO), mocks=mocks)) == ["revived b"]
    assert why(look(first, flow("start > i", "i.true > s > c", i=choice, s=GO), mocks=mocks)) == []


def test_a_port_that_the_new_version_does_not_have_keeps_the_run_where_it_is() -> None:
    def choosing(*ports: str) -> Document:
        cases = [{"equals": port, "port": port} for port in ports]
        config = {"value": "{{ input }}", "cases": cases}
        return flow("start > i", f"i.{ports[0]} > s", i={"type": "flow.switch", "config": config}, s=GO)

    assert why(look(choosing("one"), choosing("two"), input="one")) == ["port_gone i"]
    assert why(look(choosing("one"), choosing("one", "two"), input="one")) == []


def test_a_run_that_is_under_way_over_or_not_begun_stays_with_its_version() -> None:
    document = flow("start > a > b")
    plan = plan_of(document)
    assert why(fit(plan, Machine(plan).state, plan)) == ["not_begun"]
    over = run(document)
    assert why(fit(plan, over.machine.state, plan)) == ["over"]
    machine = Machine(plan)
    for event in over.journal[:2]:
        machine.apply(event)
    assert why(fit(plan, machine.state, plan)) == ["in_flight"]


def test_a_run_that_is_undoing_stays_with_its_version() -> None:
    document = flow("start > a > z", "a.compensate > s", s=GO, settings=UNDO)
    machine = parked(document, mocks={"z": [fails()]})
    assert machine.status == "compensating"
    assert why(fit(machine.plan, machine.state, machine.plan)) == ["ending"]


def test_every_obstacle_has_its_sentence() -> None:
    assert set(SENTENCES) == set(get_args(Why))
    assert {"not_begun", "over", "ending", "in_flight", "undo_setting"} == WHOLE


def test_what_ran_is_not_run_again_where_its_node_stands_elsewhere() -> None:
    first = flow("start > a > s", s=GO)
    inside = flow("start > s", "a@t > b@t", "s > t", s=GO, t=TRY)
    assert why(look(first, inside)) == ["node_gone a"]
    contained = flow("start > t > s", "a@t > b@t", s=GO, t=TRY)
    assert why(look(contained, flow("start > t > s > a", "b@t", s=GO, t=TRY))) == ["node_gone a"]
    assert why(look(contained, flow("start > t > s", "b@t", s=GO, t=TRY))) == []


def test_what_ran_is_not_run_again_where_its_node_comes_back_in_a_third_version() -> None:
    first, second = flow("start > s", "start > a", s=GO), flow("start > s", s=GO)
    machine = parked(first, happenings=[moved(SECOND, 2)], versions={"v2": second})
    assert why(fit(machine.plan, machine.state, plan_of(first))) == ["came_back a"]
    again = load_state(machine.plan, json.loads(json.dumps(dump_state(machine.state))))
    assert why(fit(machine.plan, again, plan_of(first))) == ["came_back a"]
    machine = parked(flow("start > s > a", s=GO), happenings=[moved(SECOND, 2)], versions={"v2": second})
    assert why(fit(machine.plan, machine.state, plan_of(flow("start > s > a", s=GO)))) == [], "it never ran"
    kept = flow("start > s", "start > t", "a@t", s=GO, t=TRY)
    machine = parked(kept, happenings=[moved(SECOND, 2)], versions={"v2": second})
    assert why(fit(machine.plan, machine.state, plan_of(flow("start > s > a", s=GO)))) == ["came_back a"]


def test_a_run_without_the_trigger_it_began_at_would_do_nothing_and_stays() -> None:
    first = flow("start > a")
    machine = Machine(plan_of(first))
    for event in (run(first).journal[0], RunPaused(at=0)):
        machine.apply(event)
    other = flow("start > a").model_dump(mode="json", by_alias=True)
    renamed = json.loads(json.dumps(other).replace('"start"', '"begin"'))
    assert why(fit(machine.plan, machine.state, plan_of(Document.model_validate(renamed)))) == ["node_gone start"]


def test_what_is_done_inside_stays_known_where_the_new_version_tries_the_whole_again() -> None:
    again: dict[str, Any] = {"retry": {"max_attempts": 2, "initial": "1s"}}
    first = flow("start > l", "p@l > s@l > q@l", l=LOOP, s=GO)
    second = flow("start > l", "p@l > s@l > q@l", l={**LOOP, **again}, s=GO)
    came = [CAME, SignalReceived(at=9 * SECOND, name="go", payload=2)]
    fate = {"l[0]/q": [fails("recoverable"), {"output": 1}]}
    played = run(first, mocks=fate, happenings=[moved(SECOND, 2), *came], versions={"v2": second})
    begun = [event.step for event in played.journal if isinstance(event, StepStarted)]
    assert (begun.count("l[0]/p"), begun.count("l[0]/q")) == (1, 2)


# --- what is told beforehand ------------------------------------------------------------------------------


def test_the_preview_says_what_stays_what_comes_what_goes_and_where_the_wait_stands() -> None:
    first = flow("start > old > s > a", s={**GO, "config": {"name": "go", "timeout": "1h"}})
    second = flow("start > s > b", "start > d", s={**GO, "config": {"name": "go", "timeout": "2h"}})
    # A signal with a timeout ends by itself in a simulation; a paused run stays where it stands.
    found = look(first, second, happenings=[RunPaused(at=SECOND)])
    assert (found.matched, found.new, found.gone, found.begins) == (("start", "s"), ("b", "d"), ("old", "a"), ("d",))
    (stands,) = found.stands
    assert (stands.step, stands.status, stands.waits) == ("s", "waiting", ("signal", "go"))
    assert (stands.due, stands.is_changed) == (3_600 * SECOND, True)


# --- whatever the flow ------------------------------------------------------------------------------------


def shown(machine: Machine) -> dict[str, Any]:
    """The state without the order in which steps came to be known."""
    state = machine.state
    return {
        "steps": {
            key: (step.status, step.verdict, step.attempt, step.due, step.output)
            for key, step in state.steps.items()
            if step.status != "pending" or step.verdict
        },
        "open": {name: scope.open for name, scope in state.scopes.items()},
        "ready": {step.key for step in state.ready if step.status == "ready"},
        "lists": [set(state.verdicts), set(state.gathers), set(state.closing), set(state.uncertain), set(state.locks)],
        "completed": [step.key for step in state.completed],
        "over": state.root_over,
        "held": state.held,
    }


@settings(max_examples=40, deadline=None)
@given(drawn=flows(everything=True), seed=st.integers(0, 9))
def test_a_run_moved_to_a_version_like_its_own_stands_where_it_stood(drawn: Any, seed: int) -> None:
    document, world = drawn
    plan, again = plan_of(document), plan_of(document)
    played = simulate(document, CATALOGUE, mocks=world, seed=seed)
    machine = Machine(plan)
    for event in played.journal:
        machine.apply(event)
        if not fit(plan, machine.state, again).obstacles:
            there = Machine(again, transplant(plan, machine.state, again))
            assert shown(there) == shown(machine)
            assert there.wake_at(event.at) == machine.wake_at(event.at)
        else:
            assert {one.why for one in fit(plan, machine.state, again).obstacles} <= WHOLE


def test_a_move_names_the_versions_by_number_and_hash() -> None:
    assert moved(5, 2) == RunMoved(
        at=5, version=2, document_hash="v2", was_version=1, was_hash="v1", by="owner", reason="x"
    )
