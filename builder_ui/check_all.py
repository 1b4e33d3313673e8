"""`manage.py check_all`: everything the project tests about itself, on a machine that has nothing yet.

Decides: which checks there are and their order, what is installed for them, and that none is passed over in
silence. Refuses to know what each checks; the tests come last, so that their closing line is the last.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from builder_ui import editor_build
from builder_ui.check_tools import install_browser, install_python_tools
from builder_ui.complaint import Complaint
from builder_ui.environment import PROJECT
from builder_ui.progress import complain, tell

PYTHON = (sys.executable, "-m")
LONGEST_OUTPUT = 20_000
# These break the whole machine's peace; among themselves they mostly wait.
CRASH = "tests/crash"
# How soon others take over is promised of a machine that has nothing else to do.
ALONE = ("tests/crash/test_crash.py", "tests/crash/test_two_hosts.py")
# What a developer's shell holds must not decide what the tests see.
NOT_FOR_TESTS = ("MULGIL_", "DJANGO_", "REDIS_URL", "Q_CLUSTER_NAME")


@dataclass(frozen=True, slots=True)
class Stage:
    """One check: its name, and what it does; a Complaint is its failure."""

    name: str
    run: Callable[[], None]


def main(arguments: Sequence[str]) -> int:
    """Run every stage; the exit code is 0 only when all passed."""
    began = time.monotonic()
    failed = [stage.name for stage in _stages() if not _passes(stage)]
    tell(f"tests ({_workers()} at a time)")
    together = (f"--numprocesses={_workers()}", "--dist=loadgroup")
    code = _run_tests([*together, f"--ignore={CRASH}", *arguments])
    if not arguments:
        tell(f"crash tests ({_workers()} at a time)")
        code = _run_tests([CRASH, *together, *(f"--ignore={path}" for path in ALONE)]) or code
        tell("crash tests (alone)")
        code = _run_tests([*ALONE]) or code
    if failed:
        complain(f"Failed before the tests: {', '.join(failed)} ({time.monotonic() - began:.0f} s in all).")
    return 1 if failed else code


def _stages() -> tuple[Stage, ...]:
    return (
        Stage("tools", install_python_tools),
        Stage("editor's packages", editor_build.install),
        Stage("browser", install_browser),
        Stage("lint", lambda: _run([*PYTHON, "ruff", "check", "."])),
        Stage("format", lambda: _run([*PYTHON, "ruff", "format", "--check", "."])),
        Stage("types", lambda: _run([*PYTHON, "mypy"])),
        Stage("layers", lambda: _run([str(Path(sys.executable).with_name("lint-imports"))])),
        Stage("editor's checks", lambda: editor_build.run_npm("run", "check")),
        Stage("editor's build", _build_editor),
    )


def _passes(stage: Stage) -> bool:
    began = time.monotonic()
    try:
        stage.run()
    except Complaint as complaint:
        tell(f"{stage.name:<18} FAILED {time.monotonic() - began:7.1f} s")
        complain(f"{complaint}\n")
        return False
    tell(f"{stage.name:<18} passed {time.monotonic() - began:7.1f} s")
    return True


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise Complaint(done.stdout[-LONGEST_OUTPUT:].rstrip() or f"{command[0]} ended with {done.returncode}")


def _build_editor() -> None:
    editor_build.main([])


def _run_tests(arguments: Sequence[str]) -> int:
    command = [*PYTHON, "pytest", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=_environment(), stdin=subprocess.DEVNULL, check=False).returncode


def _workers() -> int:
    return max(2, min(8, os.cpu_count() or 2))


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(NOT_FOR_TESTS)}
