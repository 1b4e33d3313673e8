"""What a storm does to the product as `up` runs it: its faults, its load over the API, and the flow that is run.

It decides how something breaks and refuses to know what must hold afterwards. Everything is drawn from one seed.
"""

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import httpx
import psycopg
from psycopg import sql

from bench.product import Product
from flows.runtime.leases import LEASE
from tests.crash.effects import World
from tests.crash.hatching import Hatchery, wait_until
from tests.crash.hosts import children_of

SECOND: Final = 1_000_000
HOUR: Final = 3_600 * SECOND


def called(world: World) -> dict[str, Any]:
    nodes = [{"id": "start", "type": "trigger.manual"}, _send("sub_send", world, "{{ input.value }}")]
    return {"dsl": 1, "name": "called", "nodes": nodes, "edges": [{"from": "start", "to": "sub_send"}]}


def sending(world: World) -> dict[str, Any]:
    """Read what is never the same twice, and rest three effects on it: before a wait, in a called flow, and in parallel."""
    value = "{{ nodes.reckon.value }}"
    call = {"flow": "called", "input": {"value": value}}
    nodes = [
        {"id": "start", "type": "trigger.manual"},
        {"id": "read", "type": "http.request", "config": {"url": f"http://{world.address}/"}, "retry": RETRY},
        {"id": "reckon", "type": "data.set", "config": {"fields": {"value": "{{ nodes.read.body.value }}"}}},
        _send("send_first", world, value),
        {"id": "wait", "type": "flow.wait", "config": {"for": "400ms"}},
        {"id": "call", "type": "flow.call", "config": call},
        _send("send_each", world, value) | {"each": {"items": [1, 2, 3], "concurrency": 2}},
        {"id": "last", "type": "log"},
    ]
    ways = [("start", "read"), ("read", "reckon"), ("reckon", "send_first"), ("send_first", "wait"), ("wait", "call")]
    ways += [("wait", "send_each"), ("call", "last"), ("send_each", "last")]
    return {"dsl": 1, "name": "sending", "nodes": nodes, "edges": [{"from": a, "to": b} for a, b in ways]}


RETRY: Final = {"max_attempts": 5, "initial": "50ms"}


def _send(name: str, world: World, value: str) -> dict[str, Any]:
    config = {"method": "POST", "url": f"http://{world.address}/", "json": {"value": value}}
    return {"id": name, "type": "http.request", "config": config, "retry": RETRY}


class Load:
    """Clients that start runs over the API, each again under the same key until it is answered with 2xx."""

    def __init__(self, product: Product, flow: str, clients: int = 2, pause: float = 0.1) -> None:
        self.answered: dict[str, str] = {}
        """Idempotency key -> the run that was answered."""
        self.refused: Counter[str] = Counter()
        self._product, self._flow, self._pause = product, flow, pause
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._start_on, daemon=True) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No new keys; whatever was asked for is asked for until it is answered."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _start_on(self) -> None:
        with httpx.Client(base_url=self._product.url, headers=self._product.client.headers, timeout=20) as client:
            while not self._ending.wait(self._pause):
                key = uuid4().hex
                while key not in self.answered:
                    self._ask(client, key)

    def _ask(self, client: httpx.Client, key: str) -> None:
        try:
            answer = client.post(f"/api/flows/{self._flow}/runs/", json={"input": {}}, headers={"Idempotency-Key": key})
        except httpx.TransportError as error:
            self.refused[type(error).__name__] += 1
            time.sleep(0.2)
            return
        if answer.is_success:
            self.answered[key] = answer.json()["id"]
        else:
            assert answer.status_code in (502, 503, 504), (answer.status_code, answer.text)
            self.refused[str(answer.status_code)] += 1
            time.sleep(0.2)


class Storm:
    """`strike()` breaks one thing, drawn from the dice; `calm()` heals what would not heal by itself."""

    def __init__(self, product: Product, hatchery: Hatchery, dice: random.Random) -> None:
        self.struck: Counter[str] = Counter()
        self._product, self._hatchery, self._dice = product, hatchery, dice
        self._stopped: list[tuple[float, int]] = []
        self._read_only_until: float | None = None
        self._kinds: dict[str, Callable[[], None]] = {
            "worker killed": self._kill_worker,
            "host killed": self._kill_host,
            "web killed": lambda: self._kill("child", " web"),
            "postgres restarted": self.restart_postgres,
            "connections cut": self._cut_connections,
            "worker stopped": self._stop_worker,
            "clock wrong": self._hatch_with_wrong_clock,
            "no writes taken": self._take_no_writes,
        }

    def strike(self) -> None:
        self._wake()
        kind = self._dice.choice(sorted(self._kinds))
        # What is to be broken may be down from the last time; then this strike meets nothing.
        with contextlib.suppress(psycopg.OperationalError, ProcessLookupError):
            self._kinds[kind]()
            self.struck[kind] += 1

    def pause(self) -> float:
        """Seconds until the next strike."""
        return self._dice.uniform(0.5, 4.0)

    def calm(self) -> None:
        def is_calm() -> bool:
            self._wake(everyone=True)
            return self._read_only_until is None

        wait_until(is_calm, "no writes are taken")
        self._hatchery.bury_all()

    def restart_postgres(self) -> None:
        """As `pg_ctl restart -m immediate`: nothing is written, nobody is told; `up` starts it again."""
        self._kill("postgres", " -D ", by=signal.SIGQUIT)

    def _kill(self, *words: str, by: int = signal.SIGKILL) -> None:
        found = [
            pid for pid, line in children_of(self._product.process.pid).items() if all(word in line for word in words)
        ]
        if found:
            os.kill(self._dice.choice(sorted(found)), by)

    def _kill_host(self) -> None:
        self._kill("child", " worker")

    def _workers(self) -> list[int]:
        with self._product.database() as connection:
            found = connection.execute("SELECT pid FROM flows_executor ORDER BY pid").fetchall()
        return [pid for (pid,) in found if pid not in self._hatchery.living]

    def _kill_worker(self) -> None:
        for pid in self._workers()[:1]:
            os.kill(pid, signal.SIGKILL)

    def _stop_worker(self) -> None:
        """For a moment, or until its lease is over."""
        for pid in self._workers()[:1]:
            os.kill(pid, signal.SIGSTOP)
            self._stopped.append((time.monotonic() + self._dice.choice([0.5, 2.0, LEASE + 3.0]), pid))

    def _wake(self, *, everyone: bool = False) -> None:
        left = []
        for until, pid in self._stopped:
            if everyone or until <= time.monotonic():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            else:
                left.append((until, pid))
        self._stopped = left
        if self._read_only_until is not None and (everyone or self._read_only_until <= time.monotonic()):
            with contextlib.suppress(psycopg.OperationalError):
                self._let_writes(allowed=True)
                self._read_only_until = None

    def _take_no_writes(self) -> None:
        """For a moment: as a server whose disk is full, or that another is to take over from."""
        self._read_only_until = time.monotonic() + self._dice.choice([0.5, 3.0])
        self._let_writes(allowed=False)
        self._cut_connections()

    def _let_writes(self, *, allowed: bool) -> None:
        with self._product.database() as connection:
            connection.execute("SET default_transaction_read_only = off")
            name, word = sql.Identifier(connection.info.dbname), sql.SQL("off" if allowed else "on")
            connection.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}").format(name, word))

    def _cut_connections(self) -> None:
        with self._product.database() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    def _hatch_with_wrong_clock(self) -> None:
        """An executor more, whose clock is off; the one before it goes. One that is ahead has runs wait the longer."""
        self._hatchery.bury_all()
        self._hatchery.hatch(skew=self._dice.choice([-5 * HOUR, -20 * SECOND, 5 * SECOND, 20 * SECOND]))


def until_all_ended(product: Product) -> None:
    def none_left() -> bool:
        with contextlib.suppress(psycopg.OperationalError), product.database() as connection:
            row = connection.execute("SELECT count(*) FROM flows_run WHERE finished_at IS NULL").fetchone()
            return row == (0,)
        return False

    wait_until(none_left, "not all runs ended")
