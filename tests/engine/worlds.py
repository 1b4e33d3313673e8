"""Documents and worlds drawn by hypothesis: flows of any shape, and how each attempt in them turns out.

A world answers by step key and attempt alone, so that a run, its replay, a crashed run and the naive model
all meet the same one.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from flows.dsl.document import Document

TRIES = 4


@dataclass(frozen=True)
class World(Mapping[str, Sequence[Mapping[str, Any]]]):
    """Mocks for every step of a document: outcomes drawn from the seed, the key and the attempt."""

    seed: int
    trouble: float
    types: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Sequence[Mapping[str, Any]]:
        draw = random.Random(f"{self.seed}/{key}")
        kind = self.types[node_of(key)] if not key.endswith("]") else "log"
        return [self._outcome(draw, kind) for _ in range(TRIES)]

    def _outcome(self, draw: random.Random, kind: str) -> dict[str, Any]:
        if kind == "items":
            return {"output": list(range(draw.randrange(4)))}
        if kind == "flow.while":
            return {"output": draw.random() < 0.5}
        outcome: dict[str, Any] = {"after": f"{draw.choice((0, 0, 300, 1000, 2500))}ms"}
        if draw.random() < self.trouble:
            klass = draw.choice(("recoverable", "recoverable", "permanent"))
            return outcome | {"error": {"class": klass, "message": "drawn"}}
        if kind == "flow.if":
            return outcome | {"port": draw.choice(("true", "false"))}
        return outcome | {"output": draw.randrange(100)}

    def get(self, key: str, default: Any = None) -> Any:  # every key is here
        return self[key]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.types.get(node_of(key)) not in ("flow.try", "flow.lock")

    def __iter__(self) -> Iterator[str]:
        return iter(self.types)

    def __len__(self) -> int:
        return len(self.types)


def node_of(key: str) -> str:
    return key.rpartition("/")[2].partition("[")[0]


@dataclass
class _Draft:
    draw: Any
    all: bool
    nodes: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)

    def region(self, parent: str | None, sources: list[str], depth: int) -> None:
        """Some nodes in a row, each led to from nodes before it."""
        count = self.draw(st.integers(1, 7 if parent is None else 3))
        before = list(sources)
        for _ in range(count):
            node_id = self.node(parent, depth)
            incoming = self.draw(st.lists(st.sampled_from(before), max_size=3)) if before else []
            if not incoming and sources:
                incoming = [sources[0]]
            self.lead(incoming, node_id)
            before.append(node_id)

    def node(self, parent: str | None, depth: int) -> str:
        plain = ["log", "log", "flow.if", "each"] + (["effect.once"] if self.all else [])
        holding = ["flow.for_each", "flow.try", "flow.while", "flow.lock"] if depth < 2 else []
        kind = self.draw(st.sampled_from(plain + holding))
        node_id = f"n{len(self.nodes)}"
        node: dict[str, Any] = {"id": node_id, "type": "log" if kind == "each" else kind}
        if parent is not None:
            node["parent"] = parent
        self.nodes.append(node)
        self.types[node_id] = {"each": "items", "flow.for_each": "items"}.get(kind, kind)
        self.settings(node, kind)
        if kind in ("flow.for_each", "flow.try", "flow.while", "flow.lock"):
            self.region(node_id, [], depth + 1)
        if kind == "log" and self.draw(st.booleans()):
            self.undo(node_id, parent)
        return node_id

    def settings(self, node: dict[str, Any], kind: str) -> None:
        node["join"] = self.draw(st.sampled_from(["all", "all", "any", {"count": 2}]))
        choices = ["fail", "continue", "route"] if kind != "flow.if" else ["fail", "route"]
        node["on_error"] = self.draw(st.sampled_from(choices))
        unretried = {"flow.try", "flow.while"} | (set() if self.all else {"flow.for_each"})
        if self.draw(st.booleans()) and kind not in unretried:
            node["retry"] = {"max_attempts": self.draw(st.integers(1, 3)), "initial": "500ms"}
        each = {
            "concurrency": self.draw(st.integers(1, 3)),
            "on_error": self.draw(st.sampled_from(["stop", "collect"])),
        }
        if kind == "each":
            node["each"] = {"items": [], **each}
        if kind == "flow.for_each":
            node["config"] = each
        if kind == "flow.while":
            node["config"] = {"condition": True}
        if kind == "flow.lock":
            node["config"] = {"name": node["id"]}

    def undo(self, of: str, parent: str | None) -> None:
        node_id = f"u{len(self.nodes)}"
        node: dict[str, Any] = {"id": node_id, "type": "log"}
        if parent is not None:
            node["parent"] = parent
        self.nodes.append(node)
        self.types[node_id] = "log"
        self.edges.append({"from": of, "to": node_id, "port": "compensate"})

    def lead(self, sources: list[str], target: str) -> None:
        for source in dict.fromkeys(sources):
            ports = {"flow.if": ["true", "false"], "flow.try": ["out", "caught"]}.get(
                self.types.get(source, ""), ["out"]
            )
            node = next(node for node in self.nodes if node["id"] == source)
            if node.get("on_error") == "route":
                ports = [*ports, "error"]
            self.edges.append({"from": source, "to": target, "port": self.draw(st.sampled_from(ports))})


@st.composite
def flows(draw: Any, *, everything: bool = False) -> tuple[Document, World]:
    """A document and a world to run it in; `everything`: with what the naive model doesn't know, too."""
    draft = _Draft(draw, everything)
    draft.nodes.append({"id": "start", "type": "trigger.manual"})
    draft.types["start"] = "trigger.manual"
    draft.region(None, ["start"], 0)
    settings = {"on_failure": draw(st.sampled_from(["stop", "compensate"]))}
    if draw(st.booleans()):
        settings["max_parallel"] = draw(st.integers(1, 3))
    document = Document.model_validate({"nodes": draft.nodes, "edges": draft.edges, "settings": settings})
    trouble = draw(st.sampled_from([0.0, 0.15, 0.4]))
    return document, World(draw(st.integers(0, 2**32)), trouble, draft.types)
