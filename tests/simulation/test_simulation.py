"""The simulation: a thousand histories hold in every check, a seed repeats exactly, and planted defects are found.

MULGIL_SIMULATION_SEEDS plays more of them.
"""

import os
from collections import Counter
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from flows.engine import fold_attempts, scopes
from flows.engine.plan import NodePlan
from flows.engine.routing import make_ready, offer
from flows.engine.state import Footing, Scope, State
from flows.management.commands import simulate
from flows.runtime.simulation import Planted, World, play

SEEDS = int(os.environ.get("MULGIL_SIMULATION_SEEDS", "1000"))
ENOUGH = 400


def first_found(playing: Callable[[int], list[str]]) -> tuple[int, list[str]]:
    for seed in range(ENOUGH):
        wrong = playing(seed)
        if wrong:
            return seed, wrong
    raise AssertionError(f"{ENOUGH} histories did not find it")


def test_every_history_holds() -> None:
    assert [(seed, wrong) for seed in range(SEEDS) if (wrong := play(seed))] == []


def test_histories_are_full_of_misfortune() -> None:
    """A simulation in which nothing happens would find nothing for ever."""
    seen: Counter[str] = Counter()
    for seed in range(300):
        world = World(seed)
        world.go()
        for run in world.runs:
            seen.update(row.kind for row in run.rows)
            seen["taken over"] += run.fence > 1
        seen["repeated"] += sum(len(sent) > 1 for sent in world.effects.values())
        seen["deaths"] += sum(not executor.lives for executor in world.executors.values())
    common = ("taken over", "repeated", "deaths", "attempt_lost", "step_retrying", "timer_set", "items_listed")
    assert {what: seen[what] for what in common if seen[what] < 10} == {}
    assert {
        what for what in ("run_failed", "run_cancelled", "step_compensated", "run_paused") if not seen[what]
    } == set()


def test_a_seed_is_a_whole_history() -> None:
    def told(seed: int) -> list[Any]:
        world = World(seed)
        world.go()
        return [(run.id, run.fence, run.rows) for run in world.runs]

    assert [told(seed) for seed in range(30)] == [told(seed) for seed in range(30)]


@pytest.mark.parametrize(
    ("planted", "rule"),
    [(Planted(no_fence=True), ("fence", "numbering", "fold")), (Planted(no_barrier=True), ("effects",))],
    ids=["a dropped fence check", "a missing barrier"],
)
def test_a_planted_defect_is_found(planted: Planted, rule: tuple[str, ...]) -> None:
    seed, wrong = first_found(lambda seed: play(seed, planted))
    assert any(f"[{one}]" in sentence for one in rule for sentence in wrong), wrong
    assert play(seed, planted) == wrong
    assert play(seed) == []


def test_a_join_that_fires_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(state: State, scope: Scope, plan: NodePlan, *, taken: bool) -> None:
        step = scope.steps.get(plan.id)
        if taken and step is not None and step.status == "succeeded" and plan.need:
            make_ready(state, step)
        offer(state, scope, plan, taken=taken)

    monkeypatch.setattr(scopes, "offer", twice)
    _, wrong = first_found(play)
    assert any("[one_result]" in sentence for sentence in wrong), wrong


def test_a_step_that_looks_anew_at_each_attempt_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """One key, two contents: what a step behind `join: any` doesn't wait for comes between two of its attempts."""
    monkeypatch.setattr(fold_attempts, "footing_of", lambda state, step, at, seed: Footing(at, seed, frozenset()))
    _, wrong = first_found(play)
    assert any("contradicts itself" in sentence for sentence in wrong), wrong


def test_the_command_tells_the_first_seed_that_fails_and_how_to_replay_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate, "play", lambda seed: ["it went wrong"] if seed == 4 else [])
    out = StringIO()
    with pytest.raises(CommandError, match="simulate --first 4 --seeds 1"):
        call_command("simulate", "--seeds", "9", stdout=out)
    assert out.getvalue() == "seed 4: it went wrong\n"


def test_the_command_says_that_all_hold() -> None:
    out = StringIO()
    call_command("simulate", "--first", "7", "--seeds", "3", stdout=out)
    assert out.getvalue().startswith("3 seeds from 7 hold")
