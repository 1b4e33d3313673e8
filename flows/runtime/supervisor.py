"""The supervisor of a worker host: it starts django-q2's cluster, watches that it lives, and starts it afresh.

It imports everything, opens nothing and starts no thread, so that a fork of it is a whole new host within
milliseconds: it is its own warm spare. It knows nothing of runs: they survive whatever it does here.
"""

import logging
import os
import select
import signal
import time
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

from django.db import connections
from django_q.cluster import Cluster

from flows.runtime import board as boards
from flows.runtime.alone import NURSERY, Nursery
from flows.runtime.board import Board
from flows.runtime.process import bind_children, die_with_parent
from flows.runtime.weight import heaviest, most_allowed

log = logging.getLogger(__name__)

WATCH: Final = 0.1
"""Seconds between two looks at the cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds. `silence`: without any beat, before the cluster is killed; `drain`: after SIGTERM, likewise.

    `memory`: bytes that one of its processes may hold, looked at every `weighed` seconds. Nothing ends workers that grow
    little by little otherwise; whoever needs so much in earnest is not started afresh again and again for it.
    """

    start: float = 15.0
    silence: float = 3.0
    drain: float = 20.0
    memory: int = field(default_factory=most_allowed)
    weighed: float = 300.0


class Supervisor:
    """`run` returns the exit code once the host has been told to stop."""

    def __init__(self, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._board = Board()
        self._stopping = False
        self._cluster: int | None = None
        self._nursery: Nursery | None = None

    def run(self) -> int:
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        boards.adopt(self._board)
        self._nursery = Nursery()
        os.environ[NURSERY] = self._nursery.path
        failures = 0
        while not self._stopping:
            began = time.monotonic()
            self._start()
            self._watch()
            failures = failures + 1 if time.monotonic() - began < 5.0 else 0
            # A cluster that dies as soon as it lives must not be started in a mad circle.
            self._rest(min(5.0, 0.25 * 2.0 ** (failures - 3)) if failures > 3 else 0.0)
        self._end()
        return 0

    def _start(self) -> None:
        connections.close_all()
        self._board.wipe()
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            _be_the_cluster(parent)
        self._cluster = child
        log.info("the cluster of this host is process %d", child)

    def _watch(self) -> None:
        """Until the cluster ends, falls silent or is to stop."""
        assert self._cluster is not None
        assert self._nursery is not None
        began = weighed_at = time.monotonic()
        while not self._stopping:
            self._nursery.look()
            if self._has_ended():
                log.warning("the cluster %d ended; starting afresh", self._cluster)
                self._kill()
                return
            allowed = self._patience.start if time.monotonic() - began < self._patience.start else 0.0
            if time.monotonic() - self._board.last_beat() > max(allowed, self._patience.silence):
                log.error("the cluster %d has fallen silent; killing it and starting afresh", self._cluster)
                self._kill()
                return
            if time.monotonic() - weighed_at > self._patience.weighed:
                weighed_at = time.monotonic()
                if self._is_too_heavy():
                    self._end()
                    return
            self._rest(WATCH)

    def _is_too_heavy(self) -> bool:
        assert self._cluster is not None
        held = heaviest(self._cluster)
        if held <= self._patience.memory:
            return False
        told = held // 2**20, self._cluster
        log.warning("a process holds %d MiB; the cluster %d ends its turns and is started afresh", *told)
        return True

    def _end(self) -> None:
        """Have turns end, let the cluster stop in order, then kill what is left."""
        if self._cluster is None:
            return
        self._board.drain()
        if not self._has_ended():
            os.kill(self._cluster, signal.SIGTERM)
        until = time.monotonic() + self._patience.drain
        while time.monotonic() < until and not self._has_ended():
            time.sleep(0.05)
        self._kill()

    def _has_ended(self) -> bool:
        if self._cluster is None:
            return True
        ended, _ = os.waitpid(self._cluster, os.WNOHANG)
        return ended == self._cluster

    def _kill(self) -> None:
        """The whole process group, so that nobody of it is left waiting for a lock that nobody frees."""
        if self._cluster is None:
            return
        cluster, self._cluster = self._cluster, None
        try:
            os.killpg(cluster, signal.SIGKILL)
        except ProcessLookupError:
            return
        try:
            os.waitpid(cluster, 0)
        except ChildProcessError:
            return

    def _rest(self, seconds: float) -> None:
        if seconds > 0 and not self._stopping:
            select.select([], [], [], seconds)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True


def _be_the_cluster(parent: int) -> None:
    """In the child: a group of its own, bound to the supervisor, running django-q2 until told to stop."""
    os.setpgid(0, 0)
    die_with_parent(parent)
    bind_children()
    code = 1
    try:
        cluster = Cluster()
        cluster.start()
        while not cluster.has_stopped:
            time.sleep(0.05)
            if cluster.sentinel is not None and not cluster.sentinel.is_alive():
                break
        code = 0
    finally:
        os._exit(code)
