"""The simulation: thousands of histories hold in every check, and a seed repeats exactly.

MULGIL_SIMULATION_SEEDS plays more of them. The product's own code runs in it.
"""

import os
import subprocess
import sys
from collections import Counter
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from flows.management.commands import simulate
from flows.runtime.simulation.play import play, played
from flows.runtime.simulation.world import World

SEEDS = int(os.environ.get("MULGIL_SIMULATION_SEEDS", "2000"))
PARTS = 4
"""So that workers of a test run can share them."""


@pytest.mark.parametrize("part", range(PARTS))
def test_every_history_holds(part: int) -> None:
    seeds = range(part * SEEDS // PARTS, (part + 1) * SEEDS // PARTS)
    assert [(seed, wrong) for seed in seeds if (wrong := play(seed))] == []


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(2216, id="a commit that lands after it was looked what stands"),
        pytest.param(2954, id="a container whose output is the run that was called in it"),
        pytest.param(20279, id="a large signal that is needed before it is committed"),
        pytest.param(
            64088, id="a process that was stopped asks on the turn of its own time, when another waits for the next"
        ),
        pytest.param(25408, id="an item of which nobody knows whether it acted, in a loop that is tried again"),
        pytest.param(
            905026, id="a loop whose turns call what does its work in several goes, longer than was waited for"
        ),
        pytest.param(24419, id="a turn of a credential that was used before its start was committed, and once more"),
    ],
)
def test_a_seed_that_once_went_wrong_holds(seed: int) -> None:
    assert play(seed) == []


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(1403, id="a credential that was asked out of turn"),
        pytest.param(2716, id="a turn that was used twice, before a crash and after"),
    ],
)
def test_a_seed_that_once_went_wrong_with_a_snapshot_at_every_event_holds(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(World, "snapshots_after", property(lambda world: 1, lambda world, drawn: None), raising=False)
    assert play(seed) == []


BEFALLS = ("killed", "stopped", "cut off", "loses", "leave", "COMMIT", "clock", "take the lock")


def test_histories_are_full_of_misfortune() -> None:
    """A simulation in which nothing happens would find nothing for ever."""
    seen: Counter[str] = Counter()
    for seed in range(250):
        world, _ = played(seed)
        for run in world.server.runs.values():
            rows = world.server.events[run.id]
            seen.update(row.kind for row in rows)
            seen["taken over"] += run.fence > 1
            seen["called"] += run.parent_run is not None
            seen["alone"] += sum('"alone"' in row.data for row in rows)
            seen["poisoned"] += sum("poisoned" in row.data for row in rows)
            seen["goes"] += sum('"again"' in row.data for row in rows)
        seen["repeated"] += sum(len(sent) > 1 for sent in world.sent.values())
        seen["snapshots"] += len(world.server.snapshots)
        seen["asked"] += len(world.server.approvals)
        seen["published"] += sum(message.step != "" for message in world.server.outbox.values())
        seen["brought twice"] += sum(times > 1 for times in world.receivers.arrived.values())
        seen["given up"] += sum(one.state == "dead" for one in world.server.deliveries.values())
        seen["sent again"] += sum(one.is_again for one in world.server.deliveries.values())
        seen["kept beside"] += len(world.server.needed)
        seen["let go"] += sum(world.server.needed.values())
        seen["in line"] += sum(run.line is not None for run in world.server.runs.values())
        seen["displaced"] += sum(letter.key == "displaced" for letter in world.server.inbox.values())
        seen["turns"] += sum(key.next_turn is not None for key in world.server.credentials.values())
        seen.update(world.bounds.changes)
        seen["kept out"] += world.bounds.kept_out
        seen["taken back"] += world.bounds.farewells
        for _, _, what in world.story:
            seen.update(word for word in BEFALLS if word in what)
    common = (
        "taken over", "called", "alone", "poisoned", "repeated", "snapshots", "asked", "killed", "stopped", "cut off", "loses",
        "leave", "COMMIT", "clock", "attempt_lost", "step_retrying", "step_uncertain", "step_resolved", "timer_set",
        "items_listed", "turn_decided", "signal_received", "run_paused", "run_cancelled", "run_failed", "compensation_started",
        "step_compensated", "alert_raised", "step_waiting", "items_cancelled", "lock_granted", "take the lock", "in line",
        "turns", "published", "brought twice", "given up", "kept beside", "kept out", "goes", "taken back",
        "closed to open", "open to half_open", "half_open to open", "half_open to closed",
    )  # fmt: skip
    rare = ("let go", "sent again", "displaced", "open to closed")
    assert {what: seen[what] for what in common if seen[what] < 5} == {}
    assert {what: seen[what] for what in rare if not seen[what]} == {}


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


def test_the_command_shares_the_seeds_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate, "SHARE", 2)
    out = StringIO()
    call_command("simulate", "--seeds", "7", "--jobs", "2", stdout=out)
    assert out.getvalue().startswith("7 seeds from 0 hold")


def test_the_command_tells_a_story() -> None:
    out = StringIO()
    call_command("simulate", "--first", "7", "--seeds", "1", "--story", stdout=out)
    assert "run_started" in out.getvalue()
    assert "without" not in out.getvalue()
