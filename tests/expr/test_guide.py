"""The examples of the guide are true."""

import json
import re
from pathlib import Path

import pytest

from flows.expr.names import FUNCTIONS
from flows.expr.sandbox import Sandbox
from tests.expr.cast import opened

GUIDE = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text()
ROWS = re.findall(r"^\| `(.*\{\{.*)` \| `(.+)` \|$", GUIDE, re.MULTILINE)
ROOTS = {
    "input": json.loads(re.findall(r"```json\n(.+?)\n```", GUIDE)[0]),
    "nodes": {"orders": json.loads(re.findall(r"whose output is `(.+)`:", GUIDE)[0])},
}


def test_the_guide_has_examples() -> None:
    assert len(ROWS) > 12


@pytest.mark.parametrize(("text", "value"), ROWS, ids=[text for text, _ in ROWS])
async def test_an_example_of_the_guide_is_true(text: str, value: str, sandbox: Sandbox) -> None:
    assert await opened(text, sandbox, ROOTS) == json.loads(value)


def test_the_guide_names_every_function() -> None:
    named = re.findall(r"`(abs [^`]+)`", GUIDE)[0].split()
    assert set(named) == FUNCTIONS
