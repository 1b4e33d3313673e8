"""Children end with their parent, however that ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builder_ui import spawn as spawning
from builder_ui.environment import PROJECT
from builder_ui.spawn import spawn

SLEEPER = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]
PARENT = """
import os, signal, sys
from builder_ui import spawn
if sys.argv[1] == "pipe":
    spawn._libc = None
child = spawn.spawn([sys.executable, "-c", "import time; time.sleep(600)"], death_signal=signal.SIGTERM)
print(child.pid, flush=True)
sys.stdin.read()
"""


def is_gone(pid: int) -> bool:
    try:
        return "Z" in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("way", ["kernel", "pipe"])
def test_a_child_ends_when_its_parent_is_killed(way: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, way], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not is_gone(child)
        parent.kill()
    deadline = time.monotonic() + 30
    while not is_gone(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("way", ["kernel", "pipe"])
def test_a_child_is_asked_first_and_killed_when_it_does_not_listen(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "pipe":
        monkeypatch.setattr(spawning, "_libc", None)
    deaf = spawn(
        [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"],
        death_signal=signal.SIGKILL,
        cwd=PROJECT,
    )
    deaf.end(signal.SIGTERM, within=0.5)
    assert deaf.poll() is not None
    assert is_gone(deaf.pid)


def test_a_child_stands_in_a_group_of_its_own() -> None:
    child = spawn(SLEEPER, death_signal=signal.SIGKILL, stdout=subprocess.DEVNULL)
    assert os.getpgid(child.pid) == child.pid
    child.end(signal.SIGTERM, within=30)
    assert child.poll() == -signal.SIGTERM
