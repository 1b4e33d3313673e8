"""Every command line on the page about files is one that the commands take, and its recipe does what it says."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import load_command_class

from builder_ui.environment import PROJECT
from flows.dsl.document import Document
from flows.dsl.files import write_file, write_manifest
from tests.cast import CHAIN

LINES = [
    line.split("#")[0].strip().removeprefix("manage.py ")
    for line in (PROJECT / "docs" / "files.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("manage.py ")
]


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_page_is_taken_by_its_command(line: str) -> None:
    name, *words = shlex.split(line)
    parser = load_command_class("flows", name).create_parser("manage.py", name)
    assert parser.parse_args(words)


def test_the_page_shows_how_flows_go_out_come_in_and_are_checked() -> None:
    verbs = {" ".join(line.split()[: 1 if line.startswith("sync") else 2]) for line in LINES}
    assert verbs >= {"flow export", "flow import", "flow validate", "flow test", "flow diff", "sync"}


RECIPE = [
    line.strip().removeprefix("- run: ").replace("uv run --project mulgil mulgil/manage.py", "python manage.py")
    for line in (PROJECT / "docs" / "files.md").read_text(encoding="utf-8").splitlines()
    if line.strip().startswith("- run: uv run ")
]


def checked(folder: Path, step: str) -> subprocess.CompletedProcess[str]:
    """A step of the recipe as a build server runs it: no database, no key, nothing of ours around it."""
    line = step.replace("python manage.py", shlex.join([sys.executable, str(PROJECT / "manage.py")]))
    around = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, check=False, env=around)


def test_the_recipe_for_pull_requests_passes_what_is_sound_and_stops_what_is_not(tmp_path: Path) -> None:
    validate, test = RECIPE
    flows = tmp_path / "shop" / "flows"
    flows.mkdir(parents=True)
    expected = {"name": "adds one", "input": {"n": 4}, "expect": {"output_of": {"two": 5}}}
    sound = Document.model_validate({**CHAIN, "tests": [expected]})
    text = write_file(sound, name="Orders")
    (flows / "orders.yaml").write_text(text, encoding="utf-8")
    (flows / "manifest.yaml").write_text(write_manifest([]), encoding="utf-8")
    passed = checked(tmp_path, validate)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    broken = text.replace("nodes.one.x + 1", "nodes.one.x + 2").replace("flow: Orders", "flow: Billing")
    (flows / "billing.yaml").write_text(broken, encoding="utf-8")
    failed = checked(tmp_path, test)
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "output of two is 6, not 5" in failed.stdout
    assert 'tests="2" failures="1"' in (tmp_path / "flows.xml").read_text(encoding="utf-8")
