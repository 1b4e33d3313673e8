"""Small flows written as people would draw them: `flow("start > a > b", a={"on_error": "continue"})`."""

import itertools
from typing import Any

from flows.dsl.document import Document
from flows.engine.simulate import Simulation, simulate
from tests.engine.catalogue import CATALOGUE


def flow(*paths: str, settings: dict[str, Any] | None = None, **nodes: dict[str, Any]) -> Document:
    """Paths are `from > to` or `from.port > to`, chained; `inner@container` puts a node into a container.

    Keywords give nodes their fields; `type` is `log` unless said, and `start` is the manual trigger.
    """
    found: dict[str, dict[str, Any]] = {"start": {"id": "start", "type": "trigger.manual"}}
    edges = []
    for path in paths:
        places = [place.strip() for place in path.split(">")]
        names = [_node(place, found) for place in places]
        for (source, port), (target, _) in itertools.pairwise(names):
            edges.append({"from": source, "to": target, "port": port})
    for name, fields in nodes.items():
        found.setdefault(name, {"id": name, "type": "log"}).update(fields)
    return Document.model_validate({"nodes": list(found.values()), "edges": edges, "settings": settings or {}})


def _node(place: str, found: dict[str, dict[str, Any]]) -> tuple[str, str]:
    name, _, parent = place.partition("@")
    name, _, port = name.partition(".")
    node = found.setdefault(name, {"id": name, "type": "log"})
    if parent:
        node["parent"] = parent
    return name, port or "out"


def run(document: Document, **more: Any) -> Simulation:
    """Simulate with the tests' catalogue."""
    return simulate(document, CATALOGUE, **{"input": {}, **more})


def states(simulation: Simulation) -> dict[str, str]:
    return {key: entry.status for key, entry in simulation.ledger.steps.items()}


def fails(klass: str = "permanent", **more: Any) -> dict[str, Any]:
    """A mocked attempt that fails."""
    return {"error": {"class": klass, "message": "no"}, **more}
