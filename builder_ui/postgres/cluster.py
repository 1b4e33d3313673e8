"""One embedded database: making it, starting it, waiting for it, stopping it.

Decides: when a left-over server is ended, when a start has failed and with which words. Refuses to know who
watches over it (up.py does) and how an older one is brought up to date (upgrade.py).
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from builder_ui.complaint import Complaint
from builder_ui.postgres.account import own_name
from builder_ui.postgres.configuration import write_configuration
from builder_ui.postgres.place import Place
from builder_ui.postgres.programs import ENVIRONMENT, Programs
from builder_ui.spawn import Spawn, spawn

Say = Callable[[str], None]
LOOK_EVERY = 0.02
SAY_EVERY = 5.0
STOP_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """A database cluster: its place and the programs of its version."""

    place: Place
    programs: Programs
    folder: Path

    def create(self, *, checksums: bool = True) -> None:
        """Make an empty cluster; roles come from the system's users, never from trust."""
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.programs.major > 16 else []
        self.run(
            "initdb",
            f"--pgdata={self.folder}",
            "--username=postgres",
            "--auth=peer",
            "--encoding=UTF8",
            "--locale=C",
            *locale,
            *_checksums(self.programs.major, wanted=checksums),
            "--no-instructions",
        )

    def run_single_user(self, statements: str) -> None:
        """Run `statements` (one a line) on the stopped cluster, with nobody else let in."""
        self.run("postgres", "--single", "-D", str(self.folder), "postgres", text=statements)

    def run(self, program: str, *arguments: str, text: str = "") -> str:
        """Run one of the programs as the database's user; its output, or a complaint with its last words."""
        done = subprocess.run(
            [self.programs.path(program), *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            input=text,
            env=ENVIRONMENT,
            cwd=self.place.home,
            **self.place.account.options,
        )
        if done.returncode:
            raise Complaint(f"{program} failed on {self.folder}: {last_words_of(done.stderr or done.stdout)}")
        output: str = done.stdout
        return output

    def start(self) -> Spawn:
        """Start the server as our child; it stops when we die. A left-over server is ended first."""
        write_configuration(self.place, {self.place.account.name, own_name()}, self.folder)
        return spawn(
            [self.programs.path("postgres"), "-D", str(self.folder)],
            death_signal=signal.SIGINT,
            environment=ENVIRONMENT,
            cwd=self.place.home,
            stderr=self.place.logs / "start.log",
            **self.place.account.options,
        )

    def is_ready(self) -> bool:
        """Whether the server takes connections, by its own word."""
        lines = _pid_file(self.folder)
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def await_ready(self, server: Spawn, say: Say) -> None:
        """Wait until `server` is ready, however long recovery takes; a complaint when it ends instead."""
        began = time.monotonic()
        said = began
        while not self.has_become_ready(server):
            if server.poll() is not None:
                raise Complaint(f"PostgreSQL could not start: {self.last_words()}")
            if time.monotonic() - said > SAY_EVERY:
                said = time.monotonic()
                self.tell_recovery(say, said - began)
            time.sleep(LOOK_EVERY)

    def has_become_ready(self, server: Spawn) -> bool:
        """Whether it is `server` that takes connections, and none before it."""
        return self.is_ready() and _pid(self.folder) == server.pid

    def tell_recovery(self, say: Say, seconds: float) -> None:
        """Say why it isn't ready yet."""
        say(f"the database is recovering what was not yet written to its files ({seconds:.0f} s)")

    def last_words(self) -> str:
        """What the server said when it could not start."""
        try:
            text = (self.place.logs / "start.log").read_text(encoding="utf-8", errors="replace")
        except OSError:
            text = ""
        return last_words_of(text)

    def end_left_over(self, say: Say) -> None:
        """Stop a server that outlived its parent, and take away a pid file that names a stranger."""
        pid = self.ask_left_over()
        if pid is None:
            return
        say("an earlier database server is still stopping")
        deadline = time.monotonic() + STOP_WITHIN
        while _serves(pid, self.folder):
            if time.monotonic() > deadline:
                raise Complaint(f"An earlier PostgreSQL (process {pid}) on {self.folder} does not stop: end it first.")
            time.sleep(LOOK_EVERY)

    def ask_left_over(self) -> int | None:
        """Tell a server that outlived its parent to stop: its process, None where there is none.

        A pid file that names a stranger is taken away.
        """
        pid = _pid(self.folder)
        if pid is None:
            return None
        if not _serves(pid, self.folder):
            (self.folder / "postmaster.pid").unlink(missing_ok=True)
            return None
        # It may have gone since we looked.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        return pid

    def stop(self, server: Spawn) -> None:
        """Stop `server` in order: connections are cut, everything is written."""
        server.end(signal.SIGINT, within=STOP_WITHIN)


def cluster_version(folder: Path) -> int | None:
    """The major version of PostgreSQL that made `folder`; None when nothing is there."""
    try:
        text = (folder / "PG_VERSION").read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return None
    if not text.split(".")[0].isdigit():
        raise Complaint(f"{folder / 'PG_VERSION'} does not name a version: the database's files are damaged.")
    return int(text.split(".")[0])


def _checksums(major: int, *, wanted: bool) -> list[str]:
    if wanted:
        return ["--data-checksums"]
    return ["--no-data-checksums"] if major >= 18 else []


def _pid_file(folder: Path) -> list[str]:
    try:
        return (folder / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _pid(folder: Path) -> int | None:
    lines = _pid_file(folder)
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def _serves(pid: int, folder: Path) -> bool:
    # The server stands in its own folder, so a stranger that got the same number is told apart.
    process = Path("/proc") / str(pid)
    if process.parent.joinpath("self").exists():
        try:
            is_dead = "Z" in process.joinpath("stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            return not is_dead and process.joinpath("cwd").resolve() == folder.resolve()
        except OSError:
            return False
    asked = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return str(folder) in asked.stdout


def last_words_of(text: str) -> str:
    """The line of a program's output that tells what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error" in line.lower()] or lines
    return telling[-1] if telling else "it said nothing"
