"""Small flows drawn from a seed, with what may go wrong in them: joins, items, waits, retries, routes and undos."""

import random
from typing import Any

Node = dict[str, Any]


def draw_document(dice: random.Random) -> dict[str, Any]:
    """A document: a trigger and a few nodes, each led to from some before it; what it reads are those."""
    nodes: list[Node] = [{"id": "start", "type": "trigger.manual"}]
    edges: list[dict[str, str]] = []
    before = ["start"]
    for number in range(dice.randint(2, 6)):
        name = f"n{number}"
        sources = dice.sample(before, min(len(before), dice.choice((1, 1, 2, 3))))
        node = _node(dice, name, [source for source in sources if source != "start"])
        nodes.append(node)
        edges += [{"from": source, "to": name} for source in sources]
        if node["type"] == "log" and dice.random() < 0.4:
            nodes.append({"id": f"u{number}", "type": "log", "effect": "keyed"})
            edges.append({"from": name, "to": f"u{number}", "port": "compensate"})
        before.append(name)
    settings: dict[str, Any] = {"on_failure": dice.choice(("stop", "compensate"))}
    if dice.random() < 0.2:
        settings["max_parallel"] = dice.randint(1, 2)
    return {"dsl": 1, "nodes": nodes, "edges": edges, "settings": settings}


def _node(dice: random.Random, name: str, sources: list[str]) -> Node:
    if dice.random() < 0.12:
        return {"id": name, "type": "flow.wait", "config": {"for": dice.choice(("200ms", "5s"))}}
    join = dice.choice(("all", "all", "any"))
    looked_at = " ".join(f"{{{{ nodes.{source} }}}}" for source in sources)
    node: Node = {"id": name, "type": "log", "join": join, "config": {"message": looked_at}}
    effect = dice.choice(("pure", "read", "read", "keyed", "keyed"))
    if effect != "pure":
        node["effect"] = effect
    node["on_error"] = dice.choice(("fail", "continue", "continue"))
    if dice.random() < 0.4:
        node["retry"] = {"max_attempts": 3, "initial": "100ms"}
    if dice.random() < 0.2:
        node["each"] = {"items": [1, 2, 3], "concurrency": 2, "on_error": "collect"}
    return node
