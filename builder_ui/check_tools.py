"""What the checks need and a fresh machine lacks: Python tools and a browser.

Decides: how each is found and installed, and that a missing one is a failure with its reason. Refuses to know
the checks.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from builder_ui.complaint import Complaint
from builder_ui.environment import PROJECT
from builder_ui.progress import say

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def install_python_tools() -> None:
    """Install the group of tools for development, unless all of it is there."""
    missing = [name for name in _tool_names() if not _is_installed(name)]
    if not missing:
        return
    say(f"installing {', '.join(missing)}")
    uv = shutil.which("uv")
    if uv:
        _run([uv, "pip", "install", "--quiet", "--python", sys.executable, "--group", "dev"])
    else:
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--group", "dev"])


def install_browser() -> None:
    """Make sure that a Chromium can be started: the system's, else Playwright's own."""
    if any(shutil.which(name) for name in BROWSERS) or _playwrights_own():
        return
    reasons = []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("installing Chromium by the system's package manager")
        try:
            _run(["apt-get", "update", "-qq"])
            _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"])
        except Complaint as complaint:
            reasons.append(str(complaint))
    if not shutil.which("chromium"):
        say("installing Playwright's Chromium")
        try:
            _run([sys.executable, "-m", "playwright", "install", "chromium"])
        except Complaint as complaint:
            reasons.append(str(complaint))
    if not shutil.which("chromium") and not _playwrights_own():
        raise Complaint("The browser tests need Chromium, and none could be installed:\n" + "\n".join(reasons))


def _tool_names() -> Iterator[str]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    for requirement in project["dependency-groups"]["dev"]:
        found = re.match(r"[\w.-]+", requirement)
        if found:
            yield found.group()


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _playwrights_own() -> bool:
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return any(folder.glob("chromium-*/chrome-linux*/chrome")) or any(folder.glob("chromium-*/chrome-mac*/*.app"))


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise Complaint(f"`{' '.join(command[:4])} …` failed:\n{done.stdout[-3000:].rstrip()}")
