"""The conformance vectors on the simulator: in one go, and with a crash after every single event."""

from typing import Any

import pytest

from flows.dsl.catalogue import Catalogue
from flows.dsl.document import Document
from flows.engine.simulate import Simulation, simulate
from flows.nodes.catalogue import load_catalogue
from tests.engine.catalogue import CATALOGUE
from tests.engine.expectations import VECTORS, Played, disappointments


def play(vector: dict[str, Any], *crashes: int, catalogue: Catalogue = CATALOGUE) -> Simulation:
    document = Document.model_validate(vector["document"])
    return simulate(document, catalogue, input=vector["input"], mocks=vector["mocks"], crash_after=crashes)


def told(vector: dict[str, Any], simulation: Simulation) -> list[str]:
    played = Played(
        journal=simulation.journal,
        status=simulation.status,
        output=simulation.output_json,
        error=simulation.error,
        alerts=simulation.alerts,
        finished_at=simulation.finished_at,
    )
    return disappointments(vector["expect"], played)


def test_all_vectors_are_here() -> None:
    assert len(VECTORS) >= 39


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_machine_passes_the_vector(vector: dict[str, Any]) -> None:
    assert told(vector, play(vector)) == []


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_vector_holds_for_the_nodes_that_ship(vector: dict[str, Any]) -> None:
    assert told(vector, play(vector, catalogue=load_catalogue())) == []


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_vector_holds_with_a_crash_after_any_event(vector: dict[str, Any]) -> None:
    length = len(play(vector).journal)
    for crash in range(1, length + 1):
        assert told(vector, play(vector, crash)) == [], f"with a crash after event {crash}"
