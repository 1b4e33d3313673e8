"""What holds for every flow, drawn by hypothesis: shapes, outcomes, interleavings and crashes."""

from collections.abc import Sequence
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.dsl.document import Document, Edge
from flows.engine.compile import compile_plan
from flows.engine.events import Event, StepCompensated, StepFailed, StepSkipped, StepStarted, StepSucceeded
from flows.engine.machine import Machine
from flows.engine.simulate import Simulation, simulate
from flows.engine.snapshot import dump_state, load_state
from flows.journal.codec import decode, encode
from tests.engine.catalogue import CATALOGUE
from tests.engine.model import Model
from tests.engine.worlds import World, flows, node_of

many = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def run(flow: tuple[Document, World], *crashes: int) -> Simulation:
    document, world = flow
    return simulate(document, CATALOGUE, input={}, mocks=world, crash_after=crashes)


def assert_model_holds(flow: tuple[Document, World], simulation: Simulation) -> None:
    told = Model(*flow).region(None, "")
    entries = simulation.ledger.steps
    undo = {edge.target for edge in flow[0].edges if edge.port == "compensate"}
    iterating = {node.id for node in flow[0].nodes if node.type == "flow.for_each"}
    assert simulation.status == ("failed" if told.fails else "succeeded")
    for key, entry in entries.items():
        status = "succeeded" if entry.status == "compensated" else entry.status
        if node_of(key) in undo:
            assert status in ("succeeded", "failed", "skipped", "cancelled"), key
        elif key.endswith("]") and node_of(key) in iterating:
            assert status == "cancelled", key  # iterations that never began have no steps of their own
        elif told.exact.get(key, True):
            assert status == told.states[key], key
        else:
            assert status in (told.states.get(key, "cancelled"), "cancelled"), key
    missing = [key for key in told.states if told.exact.get(key, True) and key not in entries]
    assert missing == []
    assert all(entry.completions <= 1 for entry in entries.values())


@many
@given(flows())
def test_every_run_ends_as_a_naive_model_says(flow: tuple[Document, World]) -> None:
    assert_model_holds(flow, run(flow))


@many
@given(flows(), st.data())
def test_a_crash_anywhere_changes_nothing_the_model_says(flow: tuple[Document, World], data: Any) -> None:
    length = len(run(flow).journal)
    crashes = data.draw(st.lists(st.integers(1, length), max_size=3))
    assert_model_holds(flow, run(flow, *crashes))


@many
@given(flows(everything=True))
def test_every_run_ends_or_waits_for_a_stated_reason(flow: tuple[Document, World]) -> None:
    simulation = run(flow)
    if simulation.status == "waiting":
        assert simulation.machine.uncertain() != []
    else:
        assert simulation.status in ("succeeded", "failed")
        assert simulation.machine.in_flight() == []
        assert all(step.status not in ("running", "pending", "retrying") for step in simulation.machine.steps())


@some
@given(flows(everything=True))
def test_a_replay_at_any_prefix_decides_the_same(flow: tuple[Document, World]) -> None:
    plan = compile_plan(flow[0], CATALOGUE)
    live = Machine(plan)
    thawed = Machine(plan)
    journal = run(flow).journal
    for length, event in enumerate(journal, 1):
        live.apply(event)
        thawed.apply(event)
        replayed = Machine(plan)
        for past in journal[:length]:
            replayed.apply(past)
        expected = dump_state(live.state)
        assert dump_state(replayed.state) == expected
        assert dump_state(thawed.state) == expected
        decided = live.decide(event.at)
        assert replayed.decide(event.at) == decided
        thawed = Machine(plan, load_state(plan, orjson.loads(orjson.dumps(expected))))
        assert thawed.decide(event.at) == decided
        assert thawed.wake_at(event.at) == live.wake_at(event.at) == replayed.wake_at(event.at)


@some
@given(flows(everything=True), st.integers(1, 40))
def test_a_run_that_goes_through_the_journals_bytes_is_the_same_run(flow: tuple[Document, World], crash: int) -> None:
    document, world = flow
    passed = simulate(document, CATALOGUE, input={}, mocks=world, crash_after=(crash,), journal_through=there_and_back)
    assert passed.journal == run(flow, crash).journal


def there_and_back(event: Event) -> Event:
    row = encode(event, 1)
    return decode(row.kind, row.step, row.at, row.data)


@many
@given(flows())
def test_no_step_begins_before_its_inputs(flow: tuple[Document, World]) -> None:
    document, _ = flow
    journal = run(flow).journal
    ports: dict[str, str | None] = {"start": "out"}
    nodes = {node.id: node for node in document.nodes}
    for event in journal:
        key = event.step or ""
        node = nodes.get(node_of(key))
        if isinstance(event, StepStarted) and node is not None and not key.endswith("]"):
            assert_ready(key, [edge for edge in document.edges if edge.target == node.id], ports, node.join)
        elif node is not None and isinstance(event, (StepSucceeded, StepFailed, StepSkipped)):
            ports[key] = left_by(event, node.on_error)


def left_by(event: Event, on_error: str) -> str | None:
    if isinstance(event, StepSucceeded):
        return event.port
    if isinstance(event, StepFailed):
        return {"fail": None, "continue": "out", "route": "error"}[on_error]
    return None


def assert_ready(key: str, incoming: Sequence[Edge], ports: dict[str, str | None], join: Any) -> None:
    prefix = key.removesuffix(node_of(key))
    forward = [edge for edge in incoming if edge.port != "compensate"]
    decided = [edge for edge in forward if prefix + edge.source in ports]
    taken = [edge for edge in decided if ports[prefix + edge.source] == edge.port]
    if not forward:
        return
    if join == "all":
        assert len(decided) == len(forward), key
        assert taken, key
    else:
        assert len(taken) >= (1 if join == "any" else join.count), key


@many
@given(flows())
def test_undoing_runs_in_reverse_order_of_completion(flow: tuple[Document, World]) -> None:
    document, _ = flow
    undo_of = {edge.target: edge.source for edge in document.edges if edge.port == "compensate"}
    simulation = run(flow)
    completed = [
        event.step
        for event in simulation.journal
        if isinstance(event, StepSucceeded) and node_of(event.step or "") in undo_of.values()
    ]
    begun: dict[str, None] = {}
    for event in simulation.journal:
        if isinstance(event, StepStarted) and node_of(event.step or "") in undo_of:
            key = event.step or ""
            begun[key.removesuffix(node_of(key)) + undo_of[node_of(key)]] = None
    if simulation.status == "failed" and document.settings.on_failure == "compensate":
        assert list(begun) == list(reversed(completed))
    else:
        assert begun == {}
    compensated = [event.step for event in simulation.journal if isinstance(event, StepCompensated)]
    assert len(compensated) == len(set(compensated))
    assert [key for key in begun if key in compensated] == compensated


@many
@given(flows())
def test_the_cap_on_parallel_attempts_holds(flow: tuple[Document, World]) -> None:
    cap = flow[0].settings.max_parallel
    machine = Machine(compile_plan(flow[0], CATALOGUE))
    for event in run(flow).journal:
        machine.apply(event)
        assert cap is None or len(machine.in_flight()) <= cap
