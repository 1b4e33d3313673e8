"""The product as `up` runs it, under load over its API, while PostgreSQL is restarted without a word and all else breaks.

What was answered with 2xx is there and was started once, every run ends well, no effect contradicts itself or is
repeated without an attempt that was cut, nothing that completed is done again, and fsck finds nothing.
MULGIL_STORM_SECONDS makes a longer soak (with the flag, 300 and more); MULGIL_CRASH_SEED repeats one.
"""

import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.product import Product, fresh_folder, running
from builder_ui.data_folder import DataFolder
from flows.engine.events import AttemptLost, Event, StepStarted, StepSucceeded
from flows.journal.codec import decode
from flows.runtime.context import idempotency_key
from tests.crash.effects import World
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.storm import Load, Storm, called, sending, until_all_ended
from tests.site.test_up import manage

pytestmark = pytest.mark.xdist_group("storm")

SECONDS = float(os.environ.get("MULGIL_STORM_SECONDS", "20"))
SEED = int(os.environ.get("MULGIL_CRASH_SEED", "7"))
RESTARTS = 3
EFFECTS = ("send_first", "send_each[0]", "send_each[1]", "send_each[2]")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


@pytest.fixture(scope="module")
def product(world: World) -> Iterator[Product]:
    with pytest.MonkeyPatch.context() as patch, fresh_folder() as folder:
        patch.setenv("MULGIL_EGRESS_ALLOW", world.address)
        with running(folder / "data", workers=2) as product:
            yield product


@pytest.fixture(scope="module")
def flow(product: Product, world: World) -> str:
    product.publish(called(world))
    return product.publish(sending(world))


@pytest.fixture
def storm(product: Product, world: World, tmp_path: Path) -> Iterator[Storm]:
    address = DataFolder(product.data).database_address.read_text().strip()
    hatchery = Hatchery(tmp_path / "world", DATABASE_URL=address, MULGIL_EGRESS_ALLOW=world.address)
    storm = Storm(product, hatchery, random.Random(SEED))
    yield storm
    storm.calm()
    hatchery.close()


def test_nothing_is_lost_when_postgres_is_restarted_at_once_in_mid_load(
    product: Product, flow: str, storm: Storm, world: World
) -> None:
    load, struck = Load(product, flow), list[float]()
    for done in range(RESTARTS):
        enough = 15 * (done + 1)
        wait_until(lambda enough=enough: len(load.answered) >= enough, "the load does not get through")  # type: ignore[misc]  # bound at once
        struck.append(time.time())
        storm.restart_postgres()
    load.stop()
    until_all_ended(product)
    told = everything_was_kept(product, flow, load, world)
    met = sum(runs_over(product, instant) for instant in struck)
    print(f"restarts: {RESTARTS} in the midst of {met} runs, {told}")
    assert met, "the restarts met nobody"


def test_a_storm_of_everything_that_breaks_leaves_every_promise_kept(
    product: Product, flow: str, storm: Storm, world: World
) -> None:
    print(f"storm: seed {SEED}, {SECONDS:.0f} s")
    load, until = Load(product, flow), time.monotonic() + SECONDS
    while time.monotonic() < until:
        storm.strike()
        time.sleep(storm.pause())
    storm.calm()
    load.stop()
    until_all_ended(product)
    print(f"storm: {dict(storm.struck)}, {everything_was_kept(product, flow, load, world)}")
    assert sum(storm.struck.values()) >= 3


def runs_over(product: Product, instant: float) -> int:
    """How many runs had begun at this instant (seconds of the epoch) and ended after it."""
    with product.database() as connection:
        found = connection.execute(
            "SELECT count(*) FROM flows_run"
            " WHERE started_at < to_timestamp(%(at)s) AND finished_at > to_timestamp(%(at)s)",
            {"at": instant},
        ).fetchone()
    return int(found[0]) if found is not None else 0


def everything_was_kept(product: Product, flow: str, load: Load, world: World) -> str:
    with product.database() as connection:
        runs = connection.execute(
            "SELECT id, status, parent_run_id, flow_id, idempotency_key FROM flows_run"
        ).fetchall()
        rows = connection.execute(
            "SELECT run_id, kind, step, at, data FROM flows_event ORDER BY run_id, seq"
        ).fetchall()
    journals: dict[Any, list[Event]] = defaultdict(list)
    for run, *row in rows:
        journals[run].append(decode(*row))
    started = {str(run): key for run, _, parent, its, key in runs if str(its) == flow and parent is None}
    for key, run in load.answered.items():
        assert started.get(run) == key, f"{run} was answered and is not there"
    assert len(set(started.values())) == len(started), "a key started two runs"
    assert Counter(status for _, status, *_ in runs).keys() == {"succeeded"}
    children = Counter(str(parent) for _, _, parent, *_ in runs if parent is not None)
    assert children == Counter(dict.fromkeys(started, 1)), "a run called twice, or never"
    again = sum(holds_to_its_effects(run, parent is not None, journals[run], world) for run, _, parent, *_ in runs)
    checked = manage("flow", "fsck", MULGIL_DATA=str(product.data))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    lost = sum(isinstance(event, AttemptLost) for events in journals.values() for event in events)
    return f"{len(load.answered)} runs answered, refused {dict(load.refused)}, {lost} attempts lost, {again} sent again"


def holds_to_its_effects(run: Any, is_child: bool, events: list[Event], world: World) -> int:
    """How many sends of this run were repetitions; each is one of an attempt that was cut."""
    done: set[str] = set()
    begun: Counter[str] = Counter()
    for event in events:
        if isinstance(event, StepStarted):
            assert event.step not in done, f"{event.step} of {run} was done again"
            begun[event.step] += 1
        elif isinstance(event, StepSucceeded):
            done.add(event.step)
    again, values = 0, set()
    for step in ("sub_send",) if is_child else EFFECTS:
        sent = world.sent[idempotency_key(run, step)]
        assert 1 <= len(sent) <= begun[step], (
            f"{step} of {run} was begun {begun[step]} times and sent {len(sent)} times"
        )
        values |= {body["value"] for body in sent}
        again += len(sent) - 1
    assert len(values) == 1, f"the effects of {run} contradict one another"
    return again
