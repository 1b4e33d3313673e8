"""Starts in parallel with releases, rollbacks and canaries: each run carries exactly what a release named at its start."""

import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from threading import Event
from uuid import UUID

import pytest
from django.db import connection

from flows.models import Release
from flows.operations.publishing import publish
from flows.operations.releases import end_canary, release, roll_back, start_canary, step_canary
from flows.operations.starting import start
from tests.cast import Person, flow

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6
STARTERS = 3


@dataclass(frozen=True)
class Started:
    """A start: between which moments, under which key, and which version its run carries."""

    begun: float
    ended: float
    key: str
    version: int


@dataclass(frozen=True)
class Released:
    """A change of what is live: between which moments it was made, and what its row names."""

    begun: float
    ended: float
    version: int
    canary: int | None
    weight: int

    def names(self, made: UUID, key: str) -> int:
        """The version that a start under this key gets, worked out here and not asked of the product."""
        draw = int.from_bytes(hashlib.sha256(f"{made}:{key}".encode()).digest()[:8], "big") % 100
        return self.canary if self.canary is not None and draw < self.weight else self.version


def test_every_run_carries_what_the_release_of_its_moment_named(editor: Person) -> None:
    made = flow(editor.actor)
    for _ in range(2):
        publish(editor.actor, made.pk)
    actor, halt = editor.actor, Event()

    def keep_starting(number: int) -> list[Started]:
        spans: list[Started] = []
        try:
            while not halt.is_set():
                key, begun = f"{number}-{len(spans)}", time.monotonic()
                run = start(actor, made.pk, idempotency_key=key).run
                assert run.version is not None
                spans.append(Started(begun, time.monotonic(), key, run.version))
        finally:
            connection.close()
        return spans

    def changed(change: Callable[[], Release]) -> Released:
        begun = time.monotonic()
        row = change()
        canary = row.canary.number if row.canary is not None else None
        return Released(begun, time.monotonic(), row.version.number, canary, row.canary_weight)

    def met(one: Released, number: int) -> None:
        """What is committed holds for the very next start."""
        key = f"after-{number}"
        assert start(actor, made.pk, idempotency_key=key).run.version == one.names(made.pk, key)

    history = [changed(lambda: release(actor, made.pk, version=3))]
    with ThreadPoolExecutor(STARTERS) as pool:
        starters = [pool.submit(keep_starting, number) for number in range(STARTERS)]
        for _ in range(ROUNDS):
            for change in (
                lambda: roll_back(actor, made.pk, version=1),
                lambda: start_canary(actor, made.pk, version=2, weight=40, guards={}),
                lambda: step_canary(actor, made.pk, weight=80),
                lambda: end_canary(actor, made.pk),
                lambda: release(actor, made.pk, version=3),
            ):
                history.append(changed(change))
                met(history[-1], len(history))
        halt.set()
        spans = [one for each in starters for one in each.result()]
    assert len(spans) >= STARTERS
    assert_named(made.pk, spans, history)


def assert_named(made: UUID, spans: Sequence[Started], history: Sequence[Released]) -> None:
    """A release holds from somewhere within its own making to somewhere within the making of the next."""
    until = [after.ended for _, after in pairwise(history)] + [time.monotonic()]
    for one in spans:
        held = [each for each, end in zip(history, until, strict=True) if one.begun <= end and each.begun <= one.ended]
        assert one.version in {each.names(made, one.key) for each in held}, f"{one} met {held}"
