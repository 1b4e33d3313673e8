"""Durability costs what the effects cost: a pure step has no commit of its own, an effect has one."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from bench.database import WRITTEN, Written
from flows.journal import writer
from flows.models import Run, Version
from flows.nodes.base import Effect
from flows.operations.fsck import check
from tests.runtime.house import chain, drive, publish, start
from tests.runtime.nodes import Catalogue, Given, Json, Step, make

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = 10


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written because time passed, only because someone waits for it: how busy the machine is counts for nothing."""
    monkeypatch.setattr(writer, "FLUSH_AFTER", 3_600.0)


async def send(config: Given, step: Step) -> Json:
    await asyncio.sleep(0)
    return config.value


def committed(version: Version) -> Written:
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN, [version.flow_id])
        return Written(*cursor.fetchone())


def test_ten_pure_steps_are_one_commit_and_each_has_its_own_events() -> None:
    version = publish(chain(STEPS))
    run = start(version)
    drive()
    told = committed(version)
    assert (told.events, told.commits) == (2 * STEPS + 2, 1)
    assert Run.objects.get(pk=run.pk).status == "succeeded"


def test_runs_that_go_together_share_their_commits() -> None:
    version = publish(chain(STEPS))
    for _ in range(20):
        start(version)
    drive()
    told = committed(version)
    assert (told.runs, told.events) == (20, 20 * (2 * STEPS + 2))
    assert told.commits < told.runs, "a commit for each run"
    assert told.figures()["commits_per_run"] == round(told.commits / 20, 4)


@pytest.mark.parametrize("effect", [Effect.KEYED, Effect.TRANSACTIONAL, Effect.ONCE])
def test_each_effect_is_a_commit_before_it_and_its_result_goes_with_the_next(effect: Effect) -> None:
    catalogue = Catalogue(make(send, effect))
    version = publish(chain(STEPS, {"type": "test.node", "config": {"value": 1}}))
    start(version)
    drive(catalogue=catalogue)
    assert committed(version).commits == STEPS + 1
    assert check(known=catalogue).faults == []


def test_pure_steps_between_effects_cost_nothing() -> None:
    """Two commits for each effect, one before it and one before what follows, and one for the end."""
    catalogue = Catalogue(make(send, Effect.KEYED))
    document: dict[str, Any] = chain(STEPS)
    for place in (3, 7):
        document["nodes"][place] = {"id": f"n{place - 1}", "type": "test.node", "config": {"value": 1}}
    version = publish(document)
    start(version)
    drive(catalogue=catalogue)
    assert committed(version).commits == 2 * 2 + 1


def test_the_page_of_benchmarks_says_the_same() -> None:
    page = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert "Ten pure steps are one commit of the run's own when it goes alone" in page
    assert "ten effects are eleven" in page
