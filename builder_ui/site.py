"""The running product on one machine: database, preparation, editor, web, worker.

Decides: what waits for what, that every part comes back when it dies, and that all stop in order. Refuses to
import Django and to know what the parts do.
"""

import contextlib
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from builder_ui import listening
from builder_ui.complaint import Complaint
from builder_ui.data_folder import DataFolder
from builder_ui.editor_build import is_stale
from builder_ui.environment import PROJECT, Environment
from builder_ui.kept_database import KeptDatabase
from builder_ui.lock import lock_holder, take_lock
from builder_ui.parts import Child, Part
from builder_ui.postgres.embedded import open_cluster
from builder_ui.progress import complain, say, tell
from builder_ui.spawn import Spawn, spawn

LOOK_EVERY = 0.02
ASK_EVERY = 0.05
WORKER_GRACE = 20.0
WEB_GRACE = 5.0
READY_WITHIN = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asked for."""

    host: str
    port: int
    samples: bool


class Site:
    """One running installation."""

    def __init__(self, options: Options, environment: Environment) -> None:
        self.options = options
        self.environment = environment
        self.data = DataFolder(environment.data)
        self.was_asked = False
        self.is_ready = False
        self.lock: IO[str] | None = None
        self.bound: socket.socket | None = None
        self.database: KeptDatabase | None = None
        self.preparing: Child | None = None
        self.build: Spawn | None = None
        self.parts: list[Part] = []

    def start(self) -> None:
        """Start every part; returns when the site answers."""
        self.data.prepare()
        self._take_lock()
        # Kept for as long as the site lives: a web process that is started again finds the same socket.
        self.bound = listening.bind(self.options.host, self.options.port)
        tell(f"Mulgil starts on {self.data.root}")
        self.data.make_secrets()
        self._count_together()
        self._name_hosts()
        if self.environment.database is None:
            self.database = KeptDatabase(open_cluster(self.data, say), say, complain)
        self._warm(self.bound.fileno())
        if is_stale():
            say("building the editor (this happens once, and after its sources change)")
            self.build = spawn(
                [sys.executable, "-m", "builder_ui.editor_build"], death_signal=signal.SIGKILL, cwd=PROJECT
            )
        self._open_in_order()
        self._await_ready()

    def tend(self) -> None:
        """Look after the parts for ever."""
        while True:
            self.look()
            time.sleep(LOOK_EVERY)

    def look(self) -> None:
        """Look after every part once; waits for none."""
        if self.database is not None:
            self.database.tend()
        for part in self.parts:
            part.tend()

    def stop(self) -> None:
        """Stop what runs: first those who ask of the database, then the database."""
        if self.was_asked:
            tell("\nStopping …")
        for received in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(received, self._stop_at_once)
        self._stop_children()
        if self.database is not None:
            self.database.stop()
        if self.was_asked:
            tell("Stopped. Nothing accepted is lost; start again whenever you like.")

    def _take_lock(self) -> None:
        address = listening.url(self.options.host, self.options.port)
        self.lock = take_lock(self.data, f"process {os.getpid()}, {address}")
        if self.lock is None:
            raise Complaint(
                f"Mulgil already runs on {self.data.root} ({lock_holder(self.data)}): stop it first, or use another folder."
            )

    def _count_together(self) -> None:
        # What earlier processes counted is gone with them: a scraper takes a counter that begins again for a restart.
        shutil.rmtree(self.data.metrics, ignore_errors=True)
        self.data.metrics.mkdir(mode=0o700)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(self.data.metrics)

    def _name_hosts(self) -> None:
        if listening.is_local(self.options.host) or self.environment.allowed_hosts:
            return
        names = sorted(listening.own_names(self.options.host))
        os.environ["MULGIL_ALLOWED_HOSTS"] = ",".join(names)
        say(f"answers to {', '.join(names)}; name others in MULGIL_ALLOWED_HOSTS")

    def _warm(self, listening_fd: int) -> None:
        web = Part("web server", lambda: Child("web", [str(listening_fd)], (listening_fd,)), complain)
        worker = Part("worker host", lambda: Child("worker", []), complain, keeps_spare=True)
        web.warm()
        self.preparing = Child("worker", [] if self.options.samples else ["--no-samples"], reports=True)
        worker.running = self.preparing
        self.parts = [web, worker]

    def _open_in_order(self) -> None:
        assert self.preparing is not None
        if self.database is not None:
            self.database.await_ready()
        self.preparing.open()
        self._await("preparing the database", self.preparing.has_reported)
        if self.build is not None:
            self._await("building the editor", self._is_built)
        for part in self.parts:
            part.begin()

    def _is_built(self) -> bool:
        code = self.build.poll() if self.build is not None else 0
        if code:
            raise Complaint("Not started: the editor could not be built.")
        return code == 0

    def _await(self, doing: str, is_done: Callable[[], bool]) -> None:
        began = said = time.monotonic()
        while not is_done():
            self._notice_early_deaths()
            if time.monotonic() - said > 10:
                said = time.monotonic()
                say(f"still {doing} ({said - began:.0f} s)")
            time.sleep(LOOK_EVERY)

    def _notice_early_deaths(self) -> None:
        if self.database is not None and self.database.has_ended():
            raise Complaint(f"The database ended while the site was starting: {self.database.cluster.last_words()}")
        for part in self.parts:
            if part.running is not None and part.running.poll() is not None:
                raise Complaint(f"Not started: the {part.name} ended while it was getting ready (see above).")

    def _await_ready(self) -> None:
        address = listening.url(self.options.host, self.options.port)
        deadline = time.monotonic() + READY_WITHIN
        while (status := listening.answer_of(self.options.host, self.options.port, "/readyz")) != 200:
            self.look()
            if time.monotonic() > deadline:
                answered = f"/readyz answers {status}" if status else "no answer"
                complain(f"Not everything is ready after {READY_WITHIN:.0f} s ({answered}); still trying.")
                break
            time.sleep(ASK_EVERY)
        tell(f"\n  Mulgil is ready at {address}\n  Ctrl-C stops it.\n")

    def _stop_children(self) -> None:
        for part in self.parts:
            for child in part.children():
                child.ask_to_stop()
        if self.build is not None:
            self.build.kill()
        for part in self.parts:
            for child in part.children():
                child.end(WORKER_GRACE if part.keeps_spare else WEB_GRACE)

    def _stop_at_once(self, *_: object) -> None:
        for part in self.parts:
            for child in part.children():
                child.spawn.kill()
        with contextlib.suppress(ProcessLookupError):
            if self.database is not None and self.database.server is not None:
                self.database.server.process.send_signal(signal.SIGQUIT)
        os._exit(130)
