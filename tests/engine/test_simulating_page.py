"""The page about simulating says what is so: its Python runs as it is printed, its test passes, its words are those there are."""

import re
from pathlib import Path
from typing import Any

import yaml

from flows.dsl.document import Case
from flows.dsl.read import read_document
from flows.engine.cases import _CHECKS, play_case
from flows.nodes.installed import catalogue

PAGE = (Path(__file__).parents[2] / "docs" / "simulating.md").read_text(encoding="utf-8")


def test_its_python_runs_as_it_is_printed() -> None:
    printed = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    assert printed.count("assert ") >= 5
    exec(compile(printed, "docs/simulating.md", "exec"), {})  # our own page


def test_its_test_passes_on_a_flow_it_could_stand_in() -> None:
    (printed,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (case,) = [Case.model_validate(one) for one in yaml.safe_load(printed)["tests"]]
    charge: dict[str, Any] = {"id": "charge", "type": "http.request", "config": {"url": "https://pay.example"}}
    nodes = [{"id": "start", "type": "trigger.manual"}, charge | {"retry": {"max_attempts": 3}}]
    document = read_document({"dsl": 1, "nodes": nodes, "edges": [{"from": "start", "to": "charge"}]})
    assert play_case(document, case, catalogue()) == []
    assert play_case(document, case.model_copy(update={"mocks": {}}), catalogue()) != []


def test_it_names_every_word_of_an_expectation() -> None:
    said = set(re.findall(r"`(\w+)`", PAGE))
    assert set(_CHECKS) <= said
