"""Every document of the machine's conformance vectors is one that can run."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.dsl.cast import problems

VECTORS = json.loads((Path(__file__).parents[1] / "engine" / "vectors" / "vectors.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=[one["name"] for one in VECTORS])
def test_the_document_of_a_vector_has_no_problem(vector: dict[str, Any]) -> None:
    raw = json.loads(json.dumps(vector["document"]))
    for node in raw["nodes"]:
        if node["type"] == "trigger.webhook":
            node.pop("config", None)  # the catalogue of these tests has a webhook without a form
    assert [(one.code, one.path, one.message) for one in problems(raw)] == []
