"""The conformance vectors on the executor, on PostgreSQL, under a virtual clock."""

from typing import Any

import pytest

from tests.engine.expectations import VECTORS, disappointments
from tests.runtime.stage import play

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_vectors_are_here() -> None:
    assert len(VECTORS) >= 39


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_executor_passes_the_vector(vector: dict[str, Any]) -> None:
    assert disappointments(vector["expect"], play(vector)) == []
