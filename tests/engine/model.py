"""An independent, naive model of DESIGN section 4: which state each step of a flow may end in.

It knows no time and no events. It walks a region's nodes in order, decides every edge as taken, dead or never
decided (its source failed the scope), and says for each step the state it ends in if nothing cuts it first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.dsl.document import Document, Node


@dataclass
class Told:
    """`states`: key -> state; `fails`: a step of it fails the region; `output` isn't modelled."""

    states: dict[str, str] = field(default_factory=dict)
    exact: dict[str, bool] = field(default_factory=dict)
    fails: str | None = None


class Model:
    def __init__(self, document: Document, world: Mapping[str, Any]) -> None:
        self.document = document
        self.world = world
        undo = {edge.target for edge in document.edges if edge.port == "compensate"}
        self.nodes = [node for node in document.nodes if node.id not in undo]
        self.edges = [edge for edge in document.edges if edge.port != "compensate"]

    def region(self, parent: str | None, prefix: str) -> Told:
        told = Told()
        ports: dict[str, str | None] = {}  # the port left by; None: all dead; "never": undecided for ever
        for node in self.nodes:
            if node.parent == parent:
                ports[node.id] = self.step(node, prefix, ports, told)
        if told.fails is not None:
            told.exact = dict.fromkeys(told.states, False)
        return told

    def step(self, node: Node, prefix: str, ports: Mapping[str, str | None], told: Told) -> str | None:
        key = prefix + node.id
        told.exact[key] = True
        match self.joined(node, ports):
            case "skip":
                told.states[key] = "skipped"
                return None
            case "never":
                told.states[key] = "cancelled"
                return "never"
            case "unreachable":
                return self.failed(node, key, "permanent", told)
        if node.type.startswith("trigger"):
            told.states[key] = "succeeded"
            return "out"
        klass, port = self.run(node, key, told)
        if klass is not None:
            return self.failed(node, key, klass, told)
        told.states[key] = "succeeded"
        return port

    def joined(self, node: Node, ports: Mapping[str, str | None]) -> str:
        incoming = [edge for edge in self.edges if edge.target == node.id]
        taken = sum(ports[edge.source] == edge.port for edge in incoming)
        never = sum(ports[edge.source] == "never" for edge in incoming)
        if not incoming:
            return "run"
        if node.join == "all":
            return "never" if never else "run" if taken else "skip"
        need = 1 if node.join == "any" else node.join.count
        if taken >= need:
            return "run"
        if taken and taken + never < need:
            return "unreachable"
        return "never" if never else "skip"

    def failed(self, node: Node, key: str, klass: str, told: Told) -> str:
        told.states[key] = "failed"
        if node.on_error == "fail":
            told.fails = told.fails or klass
            return "never"
        return "out" if node.on_error == "continue" else "error"

    def run(self, node: Node, key: str, told: Told) -> tuple[str | None, str]:
        """The class of the error it ends with, or None and the port it leaves by."""
        if node.each is not None:
            results = [self.attempts(node, f"{key}[{i}]", told) for i in range(len(self.world[key][0]["output"]))]
            told.states |= {f"{key}[{i}]": "failed" if k else "succeeded" for i, (k, _) in enumerate(results)}
            return self.items(key, [klass for klass, _ in results], node.each.on_error, told), "out"
        match node.type:
            case "flow.for_each":
                count = len(self.world[key][0]["output"])
                klasses = [self.inside(node, f"{key}[{i}]/", told) for i in range(count)]
                return self.items(key, klasses, str(node.config["on_error"]), told), "out"
            case "flow.try":
                return None, "caught" if self.inside(node, f"{key}/", told) else "out"
            case "flow.lock":
                return "permanent" if self.inside(node, f"{key}/", told) else None, "out"
            case "flow.while":
                return self.turns(node, key, told), "out"
        return self.attempts(node, key, told)

    def attempts(self, node: Node, key: str, told: Told) -> tuple[str | None, str]:
        most = node.retry.max_attempts if node.retry is not None else 1
        for outcome in self.world[key][:most]:
            error = outcome.get("error")
            if error is None:
                return None, str(outcome.get("port", "out"))
            if error["class"] != "recoverable":
                break
        return str(error["class"]), ""

    def items(self, key: str, klasses: list[str | None], on_error: str, told: Told) -> str | None:
        failed = next((klass for klass in klasses if klass), None)
        if failed is None or on_error == "collect":
            return None
        for inner in told.states:
            if inner.startswith(f"{key}["):
                told.exact[inner] = False
        return "permanent"

    def inside(self, node: Node, prefix: str, told: Told) -> str | None:
        inner = self.region(node.id, prefix)
        told.states |= inner.states
        told.exact |= inner.exact
        return inner.fails

    def turns(self, node: Node, key: str, told: Told) -> str | None:
        turn = 0
        while turn < len(self.world[key]) and self.world[key][turn]["output"]:
            if self.inside(node, f"{key}[{turn}]/", told) is not None:
                return "permanent"
            turn += 1
        return None
