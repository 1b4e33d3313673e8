"""Whatever flow is drawn and however it was changed since: a run is moved where it fits, and stays whole.

The other version is the same flow with a few things done to it that people do. It may fit or not; where it does, the run
goes on to its end without any finding, and whoever folds its journal anew finds the same run.
"""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.dsl.document import Document
from flows.engine.compile import compile_plan
from flows.engine.events import Event, RunMoved, RunPaused, RunResumed
from flows.engine.failures import CorruptHistory
from flows.engine.invariants import Examiner
from flows.engine.machine import Machine
from flows.engine.plan import Plan
from flows.engine.simulate import Simulation, simulate
from flows.engine.snapshot import dump_state, load_state
from flows.engine.transplant import fit, transplant
from flows.security import safejson
from tests.engine.catalogue import CATALOGUE
from tests.engine.golden import SECOND, moved
from tests.engine.worlds import World, flows

Raw = dict[str, Any]


def edited(document: Document, seed: int) -> Document:
    """The flow as somebody might have changed it."""
    draw = random.Random(seed)
    raw: Raw = document.model_dump(mode="json", by_alias=True)
    for number in range(draw.randint(1, 3)):
        draw.choice((_drop, _add, _rewire, _set_anew, _put_inside))(raw, draw, f"new{number}")
    return Document.model_validate(raw)


def _drop(raw: Raw, draw: random.Random, _: str) -> None:
    """A node is deleted, with what stands in it, what undoes it and its edges."""
    gone = {draw.choice([node["id"] for node in raw["nodes"] if node["id"] != "start"] or [""])}
    gone |= {edge["to"] for edge in raw["edges"] if edge["port"] == "compensate" and edge["from"] in gone}
    while inside := {node["id"] for node in raw["nodes"] if node.get("parent") in gone} - gone:
        gone |= inside
    raw["nodes"] = [node for node in raw["nodes"] if node["id"] not in gone]
    raw["edges"] = [edge for edge in raw["edges"] if not {edge["from"], edge["to"]} & gone]


def _add(raw: Raw, draw: random.Random, name: str) -> None:
    """A node is added behind another."""
    undoing = {edge["to"] for edge in raw["edges"] if edge["port"] == "compensate"}
    near = draw.choice([node for node in raw["nodes"] if node["id"] not in undoing])
    raw["nodes"].append({"id": name, "type": "log", "parent": near.get("parent")})
    raw["edges"].append({"from": near["id"], "to": name, "port": "out"})


def _rewire(raw: Raw, draw: random.Random, _: str) -> None:
    """An edge is taken away."""
    edges = [edge for edge in raw["edges"] if edge["port"] != "compensate"]
    if edges:
        raw["edges"].remove(draw.choice(edges))


def _set_anew(raw: Raw, draw: random.Random, _: str) -> None:
    """A node is set anew, and keeps its place."""
    node = draw.choice(raw["nodes"])
    if node["id"] == "start":
        return
    if draw.random() < 0.5:
        node["retry"] = None if node.get("retry") else {"max_attempts": 2, "initial": "700ms"}
    elif draw.random() < 0.5:
        node["disabled"] = not node.get("disabled")
    else:
        node["on_error"] = draw.choice(("fail", "continue"))


def _put_inside(raw: Raw, draw: random.Random, name: str) -> None:
    """A container gets one more node."""
    holders = [node["id"] for node in raw["nodes"] if node["type"] in ("flow.for_each", "flow.try", "flow.lock")]
    if holders:
        raw["nodes"].append({"id": name, "type": "log", "parent": draw.choice(holders)})


def plan_of(document: Document) -> Plan:
    return compile_plan(document, CATALOGUE)


def played(document: Document, world: World, seed: int, **more: Any) -> Simulation:
    return simulate(document, CATALOGUE, mocks=world, seed=seed, **more)


def loaded(plan: Plan, machine: Machine) -> Machine:
    """From a snapshot."""
    return Machine(plan, load_state(plan, safejson.loads(safejson.dumps(dump_state(machine.state)))))


@settings(max_examples=60, deadline=None)
@given(drawn=flows(everything=True), seed=st.integers(0, 2**32))
def test_a_look_at_any_moment_has_an_answer_and_what_fits_is_a_whole_state(drawn: Any, seed: int) -> None:
    document, world = drawn
    plan, other = plan_of(document), plan_of(edited(document, seed))
    machine = Machine(plan)
    for event in played(document, world, seed).journal:
        machine.apply(event)
        before = dump_state(machine.state)
        found = fit(machine.plan, machine.state, other)
        assert dump_state(machine.state) == before, "a look changes nothing"
        if found.state is not None:
            there = Machine(other, transplant(plan, machine.state, other))
            again = loaded(other, there)
            assert dump_state(again.state) == dump_state(there.state)
            assert again.decide(event.at) == there.decide(event.at)


@settings(max_examples=100, deadline=None)
@given(drawn=flows(everything=True), seed=st.integers(0, 2**32), part=st.floats(0, 1))
def test_a_run_that_was_moved_goes_on_to_a_whole_end(drawn: Any, seed: int, part: float) -> None:
    document, world = drawn
    second = edited(document, seed)
    world.types.update({f"new{number}": "log" for number in range(3)})
    took = played(document, world, seed).finished_at or 0
    # What is under way when it is paused has ended before it is moved.
    paused = int(took * part)
    happenings: list[Event] = [RunPaused(at=paused), moved(paused + 3 * SECOND, 2), RunResumed(at=paused + 4 * SECOND)]
    more: Raw = {"happenings": happenings, "versions": {"v2": second}}
    try:
        calm = played(document, world, seed, **more)
    except CorruptHistory as refused:
        if isinstance(refused.__cause__, ValueError):  # a move that doesn't fit is refused, by name
            return
        raise
    assert_whole(document, second, calm.journal)
    assert_found_again(document, second, calm)


def assert_whole(document: Document, second: Document, journal: tuple[Event, ...]) -> None:
    examiner = Examiner(plan_of(document), {"v2": plan_of(second)})
    for seq, event in enumerate(journal, 1):
        examiner.take(seq, event)
    assert examiner.finish() == []


def assert_found_again(document: Document, second: Document, calm: Simulation) -> None:
    """Whoever takes over right behind the move, with a snapshot and the new version alone, finds the same run."""
    machine, new = Machine(plan_of(document), plans={"v2": plan_of(second)}), plan_of(second)
    for event in calm.journal:
        machine.apply(event)
        if isinstance(event, RunMoved):
            machine = loaded(new, machine)
    assert dump_state(machine.state) == dump_state(calm.machine.state)
