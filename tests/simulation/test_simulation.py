"""The simulation: thousands of histories hold in every check, a seed repeats exactly, and planted defects are found.

MULGIL_SIMULATION_SEEDS plays more of them. The product's own code runs in it; a defect is planted by taking a line away.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from heapq import heappush
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from flows.engine import fold, fold_attempts, scopes, snapshot
from flows.engine.commands import StartAttempt
from flows.engine.events import StepSucceeded
from flows.engine.plan import NodePlan, Plan
from flows.engine.routing import make_ready, offer
from flows.engine.state import Footing, Scope, State
from flows.journal import flush as flushing
from flows.journal.log import RunLog
from flows.management.commands import simulate
from flows.runtime import driver
from flows.runtime.simulation import statements
from flows.runtime.simulation.play import play, played, shortest, story
from flows.runtime.simulation.server import Answer, Server, Session

SEEDS = int(os.environ.get("MULGIL_SIMULATION_SEEDS", "2000"))
PARTS = 4
"""So that workers of a test run can share them."""


def first_found(within: int, playing: Callable[[int], list[str]] = play) -> tuple[int, list[str]]:
    for seed in range(within):
        wrong = playing(seed)
        if wrong:
            return seed, wrong
    raise AssertionError(f"{within} histories did not find it")


@pytest.mark.parametrize("part", range(PARTS))
def test_every_history_holds(part: int) -> None:
    seeds = range(part * SEEDS // PARTS, (part + 1) * SEEDS // PARTS)
    assert [(seed, wrong) for seed in seeds if (wrong := play(seed))] == []


def test_histories_are_full_of_misfortune() -> None:
    """A simulation in which nothing happens would find nothing for ever."""
    seen: Counter[str] = Counter()
    for seed in range(150):
        world, _ = played(seed)
        for run in world.server.runs.values():
            rows = world.server.events[run.id]
            seen.update(row.kind for row in rows)
            seen["taken over"] += run.fence > 1
            seen["called"] += run.parent_run is not None
            seen["alone"] += sum('"alone"' in row.data for row in rows)
            seen["poisoned"] += sum("poisoned" in row.data for row in rows)
        seen["repeated"] += sum(len(sent) > 1 for sent in world.sent.values())
        seen["snapshots"] += len(world.server.snapshots)
        seen["asked"] += len(world.server.approvals)
        for _, _, what in world.story:
            seen.update(
                word for word in ("killed", "stopped", "cut off", "loses", "leave", "COMMIT", "clock") if word in what
            )
    common = (
        "taken over", "called", "alone", "poisoned", "repeated", "snapshots", "asked", "killed", "stopped", "cut off", "loses",
        "leave", "COMMIT", "clock", "attempt_lost", "step_retrying", "step_uncertain", "step_resolved", "timer_set",
        "items_listed", "turn_decided", "signal_received", "run_paused", "run_cancelled", "run_failed", "compensation_started",
        "step_compensated", "alert_raised", "step_waiting", "items_cancelled",
    )  # fmt: skip
    assert {what: seen[what] for what in common if seen[what] < 5} == {}


def told(seed: int) -> list[Any]:
    world, _ = played(seed)
    return [(run.id.int, run.fence, world.server.events[run.id]) for run in world.server.runs.values()]


def test_a_seed_is_a_whole_history() -> None:
    assert [told(seed) for seed in range(20)] == [told(seed) for seed in range(20)]


def test_a_seed_is_the_same_history_in_every_process() -> None:
    code = "from tests.simulation.test_simulation import told; print(repr([told(seed) for seed in range(6)]))"
    boot = f"import django; django.setup(); {code}"
    hashed = {**os.environ, "DJANGO_SETTINGS_MODULE": "builder_ui.settings"}
    said = [
        subprocess.run(  # our own interpreter and code
            [sys.executable, "-c", boot],
            env=hashed | {"PYTHONHASHSEED": chance},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for chance in ("1", "2")
    ]
    assert said[0] == said[1]
    assert "run_started" in said[0]


# --- planted defects ------------------------------------------------------------------------------------------


def drop_the_fence(patch: pytest.MonkeyPatch) -> None:
    """A write of whoever comes is taken for the owner's: neither fence nor seq is looked at, and no key refuses doubles.

    Of fence, expected seq and primary key each covers for the others in nearly every history.
    """

    original = statements.advance

    def advance(server: Server, session: Session, values: Any) -> Answer:
        runs, fences, _, *rest = values
        rows = [server.runs[run] for run in runs]
        found = original(server, session, [runs, [row.fence for row in rows], [row.seq for row in rows], *rest])
        ours = {run for run, _ in found}
        return [(run, fence) for run, fence in zip(runs, fences, strict=True) if run in ours]

    patch.setattr(statements, "advance", advance)
    patch.setitem(statements.STATEMENTS, flushing.ADVANCE, advance)
    patch.setattr(Server, "has_keys", False)


def drop_the_barrier(patch: pytest.MonkeyPatch) -> None:
    """Effects go out before what they rest on is committed."""
    patch.setattr(StartAttempt, "commits_first", False)


def fire_a_join_twice(patch: pytest.MonkeyPatch) -> None:
    def twice(state: State, scope: Scope, plan: NodePlan, *, taken: bool) -> None:
        step = scope.steps.get(plan.id)
        if taken and step is not None and step.status == "succeeded" and plan.need:
            make_ready(state, step)
        offer(state, scope, plan, taken=taken)

    patch.setattr(scopes, "offer", twice)


def fire_a_timer_twice(patch: pytest.MonkeyPatch) -> None:
    original = fold.FOLDS[StepSucceeded]

    def twice(plan: Plan, state: State, event: Any) -> None:
        step = state.steps[event.step]
        was_waiting = step.status == "waiting" and step.wait == ("timer", "")
        original(plan, state, event)
        if was_waiting and step.due is not None:
            step.status = "waiting"
            step.wait = ("timer", "again")
            heappush(state.timers, (step.due, step.key))

    patch.setitem(fold.FOLDS, StepSucceeded, twice)


def forget_a_field_in_snapshots(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(snapshot, "_COUNTS", tuple(name for name in snapshot._COUNTS if name != "taken"))


def lose_the_marks_of_letters(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RunLog, "consume", lambda self, message: None)


def forget_careful_mode(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(driver, "SUSPECT", 1_000_000)


def look_anew_at_each_attempt(patch: pytest.MonkeyPatch) -> None:
    """One key, two contents: what a step doesn't wait for comes between two of its attempts."""
    patch.setattr(fold_attempts, "footing_of", lambda state, step, at, seed: Footing(at, seed, frozenset()))


PLANTED: list[tuple[str, Callable[[pytest.MonkeyPatch], None], int, tuple[str, ...]]] = [
    (
        "a dropped fence check",
        drop_the_fence,
        400,
        ("fence", "numbering", "fold", "program", "one_result", "liveness", "parked"),
    ),
    ("a missing barrier", drop_the_barrier, 200, ("effects",)),
    ("a join that fires twice", fire_a_join_twice, 60, ("one_result",)),
    ("a timer that fires twice", fire_a_timer_twice, 60, ("one_result",)),
    ("a snapshot that misses a field", forget_a_field_in_snapshots, 60, ("snapshot",)),
    ("a lost mark in the inbox", lose_the_marks_of_letters, 60, ("inbox",)),
    ("careful mode forgotten", forget_careful_mode, 60, ("liveness",)),
    ("one key, two contents", look_anew_at_each_attempt, 400, ("effects",)),
]


@pytest.mark.parametrize(("plant", "within", "rules"), [one[1:] for one in PLANTED], ids=[one[0] for one in PLANTED])
def test_a_planted_defect_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], within: int, rules: tuple[str, ...]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        seed, wrong = first_found(within)
        assert any(f"[{rule}]" in sentence for rule in rules for sentence in wrong), wrong
        assert play(seed) == wrong
    assert play(seed) == []


def test_a_history_that_goes_wrong_is_told_with_no_more_misfortune_than_it_needs() -> None:
    with pytest.MonkeyPatch.context() as patch:
        drop_the_barrier(patch)
        seed, _ = first_found(200)
        without = shortest(seed)
        assert played(seed, without)[1]
        lines = list(story(seed, without))
    assert len(played(seed)[0].mishaps) > len(played(seed)[0].mishaps) - len(without)
    assert any("reaches the world" in line for line in lines)
    assert any("step_started" in line for line in lines)
    assert lines[-1].endswith("[effects]")


# --- the command ----------------------------------------------------------------------------------------------


def test_the_command_tells_the_first_seed_that_fails_and_how_to_replay_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate, "play", lambda seed: ["it went wrong"] if seed == 4 else [])
    out = StringIO()
    with pytest.raises(CommandError, match="simulate --first 4 --seeds 1 --story"):
        call_command("simulate", "--seeds", "9", stdout=out)
    assert out.getvalue() == "seed 4: it went wrong\n"


def test_the_command_says_that_all_hold() -> None:
    out = StringIO()
    call_command("simulate", "--first", "7", "--seeds", "3", stdout=out)
    assert out.getvalue().startswith("3 seeds from 7 hold")


def test_the_command_tells_a_story() -> None:
    out = StringIO()
    call_command("simulate", "--first", "7", "--seeds", "1", "--story", stdout=out)
    assert "run_started" in out.getvalue()
    assert "without" not in out.getvalue()
