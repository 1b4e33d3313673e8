import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flows.dsl.schema import document_schema
from tests.dsl.cast import CATALOGUE, flow, log, says

SCHEMA = document_schema(CATALOGUE)
VECTORS = json.loads((Path(__file__).parents[1] / "engine" / "vectors" / "vectors.json").read_text())


def accepts(raw: Any) -> bool:
    return bool(Draft202012Validator(SCHEMA).is_valid(raw))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("vector", VECTORS, ids=[one["name"] for one in VECTORS])
def test_the_schema_takes_documents_that_can_run(vector: dict[str, Any]) -> None:
    raw = json.loads(json.dumps(vector["document"]))
    for node in raw["nodes"]:
        if node["type"] == "trigger.webhook":
            node.pop("config", None)
    assert accepts(raw)


@pytest.mark.parametrize(
    "raw",
    [
        {"ndoes": []},
        {"dsl": 2},
        flow(log("a", timeout="soon")),
        flow(log("A")),
        flow({"id": "a", "type": "http.request", "config": {"url": 3}}),
        flow({"id": "a", "type": "http.request", "config": {"url": "x", "what": 1}}),
    ],
)
def test_the_schema_refuses_what_is_no_document(raw: Any) -> None:
    assert not accepts(raw)


def test_an_expression_may_stand_where_a_number_is_meant() -> None:
    def node(retries: Any) -> dict[str, Any]:
        return flow({"id": "a", "type": "http.request", "config": {"url": "x", "retries": retries}})

    assert accepts(node("{{ input.n }}"))
    assert not accepts(node("three"))


def test_a_type_the_catalogue_does_not_know_is_no_matter_of_the_schema() -> None:
    assert accepts(flow({"id": "a", "type": "from.elsewhere", "config": {"x": 1}}, says("b", "x")))
