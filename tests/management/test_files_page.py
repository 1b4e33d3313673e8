"""Every command line on the page about files is one that the commands take."""

import shlex

import pytest
from django.core.management import load_command_class

from builder_ui.environment import PROJECT

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
