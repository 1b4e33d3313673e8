"""One key, one content: whatever attempt of a step with an effect it is, it stands on what the first one found."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from flows.dsl.instants import Instant
from flows.engine.compile import compile_plan
from flows.engine.events import Event, RunStarted
from flows.engine.machine import Machine
from flows.engine.simulate import Simulator
from flows.engine.snapshot import dump_state, load_state
from flows.expr.compile import Compiled
from flows.security.safejson import Json
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import fails, flow

MINUTE = 60_000_000
SLOW = [{"output": "late", "after": "1m"}]
LOOKS = {"join": "any", "config": {"of": "{{ nodes.slow }}", "at": "{{ now }}"}}
TWICE = {"retry": {"max_attempts": 3, "initial": "5m"}}


@pytest.mark.parametrize("effect", ["keyed", "transactional", "once"])
def test_an_attempt_after_a_failure_sends_what_the_first_one_sent(effect: str) -> None:
    plan = compile_plan(
        flow("start > slow > pay", "start > quick > pay", pay=LOOKS | TWICE | {"effect": effect}), CATALOGUE
    )
    seen: list[tuple[Any, Any]] = []

    class Watched(Simulator):
        def _attempt(self, start: Any, seed: int) -> Any:
            if start.step == "pay":
                footing = self.machine.footing("pay")
                seen.append((dict(self.machine.reads("pay").nodes), footing and (footing.at, footing.seed)))
            return super()._attempt(start, seed)

    mocks: Any = {"slow": SLOW, "pay": [fails("recoverable", not_sent=True)] * 2 + [{"output": 1}]}
    Watched(plan=plan, mocks=mocks).go(RunStarted(at=0, input={}, trigger="start"))
    assert len(seen) == 3
    assert seen == [seen[0]] * 3
    assert seen[0][0] == {"slow": None}


@pytest.mark.parametrize("effect", ["pure", "read"])
def test_what_has_no_effect_looks_anew(effect: str) -> None:
    plan = compile_plan(
        flow("start > slow > pay", "start > quick > pay", pay=LOOKS | TWICE | {"effect": effect}), CATALOGUE
    )
    seen: list[Any] = []

    class Watched(Simulator):
        def _attempt(self, start: Any, seed: int) -> Any:
            if start.step == "pay":
                seen.append((self.machine.reads("pay").nodes["slow"], self.machine.footing("pay")))
            return super()._attempt(start, seed)

    mocks: Any = {"slow": SLOW, "pay": [fails("recoverable"), {"output": 1}]}
    Watched(plan=plan, mocks=mocks).go(RunStarted(at=0, input={}, trigger="start"))
    assert seen == [(None, None), ("late", None)]


def test_the_clock_and_the_seed_of_what_is_sent_are_the_first_attempts_after_every_crash() -> None:
    fields = {"type": "flow.wait", "effect": "keyed", "join": "any"}
    fields |= {"config": {"for": "{{ '1s' if nodes.slow is None else '9s' }}"}}
    plan = compile_plan(flow("start > slow > pay", "start > quick > pay", pay=fields), CATALOGUE)
    for crash in range(1, 30):
        sent: list[tuple[Json, Instant, int]] = []

        def resolve(
            config: Compiled, roots: Mapping[str, Json], clock: Instant, seed: int, to: list[Any] = sent
        ) -> Json:
            value = config.resolve(roots)
            if isinstance(value, dict) and "for" in value:
                to.append((value, roots["now"], clock, seed))
            return value

        Simulator(plan=plan, mocks={"slow": SLOW}, resolve=resolve, crash_after={crash}).go(
            RunStarted(at=0, input={}, trigger="start")
        )
        assert sent, crash
        assert sent == [sent[0]] * len(sent), crash


def test_a_retried_list_goes_on_with_what_its_items_stood_on() -> None:
    """The step of an item is forgotten when it fails; the one in its place has the same key."""
    each = {"items": [1, 2], "concurrency": 1, "on_error": "collect"}
    fields = LOOKS | TWICE | {"effect": "keyed", "each": each}
    plan = compile_plan(flow("start > slow > pay", "start > quick > pay", pay=fields), CATALOGUE)
    seen: dict[str, list[Any]] = {}

    class Watched(Simulator):
        def _attempt(self, start: Any, seed: int) -> Any:
            if start.purpose == "run" and start.step.startswith("pay["):
                footing = self.machine.footing(start.step)
                assert footing is not None
                reads = self.machine.reads(start.step).nodes["slow"]
                seen.setdefault(start.step, []).append((reads, footing.at, footing.seed))
            return super()._attempt(start, seed)

    mocks: Any = {"slow": SLOW, "pay[1]": [fails("recoverable"), {"output": 1}]}
    Watched(plan=plan, mocks=mocks).go(RunStarted(at=0, input={}, trigger="start"))
    assert len(seen["pay[1]"]) == 2
    assert seen["pay[1]"][0] == seen["pay[1]"][1]


def test_a_snapshot_keeps_what_a_step_stands_on() -> None:
    fields = LOOKS | TWICE | {"effect": "keyed", "each": {"items": [1, 2], "on_error": "collect"}}
    plan = compile_plan(flow("start > slow > pay", "start > quick > pay", pay=fields), CATALOGUE)
    simulator = Simulator(plan=plan, mocks={"slow": SLOW, "pay[1]": [fails("recoverable"), {"output": 1}]})
    simulator.go(RunStarted(at=0, input={}, trigger="start"))
    machine, kept = Machine(plan), 0
    journal: list[Event] = simulator.journal
    for event in journal:
        machine.apply(event)
        text = json.dumps(dump_state(machine.state))
        kept += '"footing"' in text
        assert json.dumps(dump_state(load_state(plan, json.loads(text)))) == text
    assert kept
    assert any(machine.state.steps)


def test_a_snapshot_of_before_has_none() -> None:
    plan = compile_plan(flow("start > pay", pay={"effect": "keyed"}), CATALOGUE)
    machine = Machine(plan)
    machine.apply(RunStarted(at=0, input={}, trigger="start"))
    old: Any = dump_state(machine.state)
    for row in old["steps"]:
        row.pop("footing", None)
        row.get("window", {}).pop("footings", None)
    assert load_state(plan, old).steps["pay"].footing is None
