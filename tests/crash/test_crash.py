"""The promises about crashes, shown: processes and whole hosts are killed at random moments while runs keep starting.

Every run ends; what completed is not done again; every keyed effect carries one key and one content, although
what it rests on was read from a world that never gives the same answer twice; others take over soon.
MULGIL_CRASH_KILLS and MULGIL_CRASH_SEED make a longer soak or repeat one.
"""

import os
import random
import secrets
import signal
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from django.db import connection as django_connection

from flows.engine.events import StepStarted, StepSucceeded
from flows.journal.connection import connect_sync
from flows.models import Run, Version
from flows.models.base import new_id
from flows.runtime.context import idempotency_key
from tests.crash.effects import World
from tests.crash.hosts import Host, address_of_test_database
from tests.runtime.house import journal, publish

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = int(os.environ.get("MULGIL_CRASH_KILLS", "50"))
SEED = int(os.environ.get("MULGIL_CRASH_SEED", "7"))
EVERY = 0.1
SENDS = ("send1", "send2", "send3")

START = """
INSERT INTO flows_run (id, workspace_id, flow_id, version_id, document_hash, part, number, attempt, parent_step,
    trigger, input, request_hash, started_by, is_test, status, priority, queue, fence, seq, careful, mail, created_at)
VALUES (%s, %s, %s, %s, %s, '', %s, 1, '', 'start', '{}', '', '', false, 'queued', 0, 'default', 0, 0, false, 0, now())
"""


def ten_steps(world: World) -> dict[str, Any]:
    """Three times: read, reckon with it, send it; and a last step."""
    nodes: list[dict[str, Any]] = [{"id": "start", "type": "trigger.manual"}]
    for n in (1, 2, 3):
        url = f"http://{world.address}/{n}"
        value = f"{{{{ nodes.reckon{n}.value }}}}"
        nodes += [
            {"id": f"read{n}", "type": "http.request", "config": {"url": url}},
            {
                "id": f"reckon{n}",
                "type": "data.set",
                "config": {"fields": {"value": f"{{{{ nodes.read{n}.body.value }}}}"}},
            },
            {
                "id": f"send{n}",
                "type": "http.request",
                "config": {"method": "POST", "url": url, "json": {"value": value}},
            },
        ]
    for node in nodes[1:]:
        if node["type"] == "http.request":
            node["retry"] = {"max_attempts": 5, "initial": "50ms"}
    nodes.append({"id": "last", "type": "data.set", "config": {"fields": {"done": True}}})
    edges = [{"from": one["id"], "to": two["id"]} for one, two in pairwise(nodes)]
    return {"dsl": 1, "name": "ten steps", "nodes": nodes, "edges": edges}


class Starting(threading.Thread):
    """Runs keep starting until it is stopped."""

    def __init__(self, version: Version) -> None:
        super().__init__(daemon=True)
        self._version = version
        self._ending = threading.Event()
        self.count = 0
        self._connection = connect_sync("test starts")

    def run(self) -> None:
        version = self._version
        home = version.flow.workspace_id
        with self._connection as connection:
            while not self._ending.wait(EVERY):
                self.count += 1
                values = (new_id(), home, version.flow_id, version.pk, version.hash, self.count)
                connection.execute(START, values)
                connection.execute("NOTIFY mulgil_ready, 'default'")

    def stop(self) -> None:
        self._ending.set()
        self.join()


class Killer:
    """Kills, and watches who takes over."""

    def __init__(self, hosts: list[Host], connection: psycopg.Connection[Any], dice: random.Random) -> None:
        self.hosts = hosts
        self.killed: Counter[str] = Counter()
        self.took: dict[bool, list[float]] = {True: [], False: []}
        self._connection = connection
        self._dice = dice

    def strike(self) -> None:
        """One kill of a worker process or of a whole host that has runs, and the time until others have them all."""
        whole = self._dice.random() < 0.4
        self._pause(self._dice.uniform(0, 0.8))
        self._until_warm()
        victims, pids = self._victims(whole)
        began = time.monotonic()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.killed["host" if whole else "worker"] += 1
        orphans = self._owned(victims)
        while self._owned(victims):
            assert time.monotonic() - began < 30, "nobody took over"
            for host in self.hosts:
                host.look()
            time.sleep(0.01)
        if orphans:
            self.took[len(self.hosts) > 1].append(time.monotonic() - began)
        for host in self.hosts:
            host.look()

    def _until_warm(self) -> None:
        """A host is promised to be back soon as long as its spare has come up since the last time."""
        until = time.monotonic() + 180
        while not all(host.is_warm() for host in self.hosts):
            assert time.monotonic() < until, "no spare came up"
            self._pause(0.05)

    def _victims(self, whole: bool) -> tuple[list[Any], list[int]]:
        """Executors with runs, and the processes to kill."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for host in self.hosts:
                host.look()
            found = self._connection.execute(
                "SELECT e.id, e.pid FROM flows_executor e WHERE EXISTS (SELECT 1 FROM flows_run r WHERE r.owner = e.id)"
            ).fetchall()
            living = [(name, pid, host) for name, pid in found for host in self.hosts if host.holds(pid)]
            if living:
                name, pid, host = self._dice.choice(living)
                if not whole:
                    return [name], [pid]
                return [other for other, _, its in living if its is host], [host.pid]
            time.sleep(0.01)
        raise AssertionError("no executor took runs")

    def _owned(self, victims: list[Any]) -> int:
        row = self._connection.execute("SELECT count(*) FROM flows_run WHERE owner = ANY(%s)", (victims,)).fetchone()
        return row[0] if row else 0

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for host in self.hosts:
                host.look()
            time.sleep(0.02)


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


@pytest.fixture
def surroundings(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that the hosts are started in."""
    monkeypatch.setenv("DATABASE_URL", address_of_test_database())
    monkeypatch.setenv("MULGIL_EGRESS_ALLOW", world.address)
    monkeypatch.setenv("MULGIL_SECRET_KEY", secrets.token_urlsafe(48))
    monkeypatch.setenv("MULGIL_WORKERS", "2")


def test_runs_survive_what_kills_processes_and_hosts(world: World, surroundings: None) -> None:
    version = publish(ten_steps(world))
    connection = connect_sync("test")
    hosts = [Host(), Host()]
    starting = Starting(version)
    killer = Killer(hosts, connection, random.Random(SEED))
    try:
        starting.start()
        for _ in range(KILLS // 2):
            killer.strike()
        hosts.pop().stop()
        for _ in range(KILLS - KILLS // 2):
            killer.strike()
        starting.stop()
        _wait_for_the_end(connection, hosts)
    finally:
        starting.stop()
        for host in hosts:
            host.stop()
        connection.close()
    print(f"killed {dict(killer.killed)}, {starting.count} runs, seed {SEED}")
    for others, took in killer.took.items():
        print(f"take-over with {'another host' if others else 'none'}: {_summary(took)}")
    _every_run_kept_its_promises(version, world)
    for took in killer.took.values():
        assert len(took) >= KILLS // 4
        assert statistics.quantiles(took, n=20)[-1] < 2.0


def _summary(took: list[float]) -> str:
    cuts = statistics.quantiles(took, n=20)
    return f"n={len(took)} p50 {cuts[9]:.2f} s, p95 {cuts[-1]:.2f} s, max {max(took):.2f} s"


def _wait_for_the_end(connection: psycopg.Connection[Any], hosts: list[Host]) -> None:
    until = time.monotonic() + 90
    left = -1
    while time.monotonic() < until:
        for host in hosts:
            host.look()
        row = connection.execute("SELECT count(*) FROM flows_run WHERE finished_at IS NULL").fetchone()
        left = row[0] if row else 0
        if not left:
            return
        time.sleep(0.1)
    raise AssertionError(f"{left} runs have not ended")


def _every_run_kept_its_promises(version: Version, world: World) -> None:
    django_connection.close()
    expected = set()
    for run in Run.objects.filter(version=version):
        assert run.status == "succeeded", (run.pk, run.status, run.error)
        events = journal(run)
        done: dict[str, Any] = {}
        for event in events:
            if isinstance(event, StepStarted):
                assert event.step not in done, f"{event.step} of {run.pk} was done again"
            elif isinstance(event, StepSucceeded):
                done[event.step or ""] = event.output
        for n, step in enumerate(SENDS, 1):
            key = idempotency_key(run.pk, step)
            expected.add(key)
            read = done[f"read{n}"]["body"]["value"]
            assert world.sent[key], f"{step} of {run.pk} was never sent"
            assert {body["value"] for body in world.sent[key]} == {read}, f"{step} of {run.pk} contradicts itself"
    assert set(world.sent) == expected
