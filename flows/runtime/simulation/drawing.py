"""Flows drawn from a seed: joins, lists, loops, scopes, waits, signals, approvals, calls, retries, routes and undos.

It decides what a history's documents look like. What they read is what stands before them, waited for or not.
"""

import random
from dataclasses import dataclass, field
from typing import Any, Final

from flows.journal.values import INLINE_BYTES

Node = dict[str, Any]
LARGE: Final = tuple(letter * (INLINE_BYTES + 1) for letter in "abcdefgh")
"""Values that are kept beside the journal."""
EFFECTS: Final = ("pure", "read", "read", "keyed", "keyed", "keyed", "transactional", "once")
SIGNALS: Final = ("go", "stop")
LOCKS: Final = ("a", "b")
URL: Final = "https://away.example/"
KEY: Final = "key"
TOPICS: Final = ("orders.paid", "orders.sent", "nobody's")
KEYS: Final = ("", "one", "one", "two")


@dataclass(slots=True)
class _Drawing:
    dice: random.Random
    callable_: list[str]
    """Names of flows that may be called."""
    locks: tuple[str, ...] = ()
    """Names of locks that may be taken: inside of one only later ones, and nothing is called, lest runs wait in a circle."""
    url: str | None = None
    """What many tasks reach for, and is away for a while."""
    key: str | None = None
    """The credential that many tasks use, which has a rate."""
    nodes: list[Node] = field(default_factory=list)
    edges: list[dict[str, str]] = field(default_factory=list)
    count: int = 0


def draw_flows(dice: random.Random) -> list[dict[str, Any]]:
    """One to three documents named f0, f1, …; each may call those behind it."""
    count = dice.choice((1, 1, 2, 3))
    locks = dice.choice(((), (), LOCKS[:1], LOCKS))
    url, key = dice.choice((URL, *[None] * 7)), dice.choice((KEY, *[None] * 7))
    return [
        _document(_Drawing(dice, [f"f{other}" for other in range(place + 1, count)], locks, url, key), place)
        for place in range(count)
    ]


def add_messages(dice: random.Random, document: dict[str, Any]) -> None:
    """Some tasks are followed by a message about them, or by several at a time."""
    tasks = [node for node in document["nodes"] if node["type"] == "sim.task" and not node["id"].startswith("u")]
    for number, task in enumerate(dice.sample(tasks, min(len(tasks), dice.choice((1, 2, 3))))):
        config = {"topic": dice.choice(TOPICS), "key": dice.choice(KEYS), "payload": f"{{{{ nodes.{task['id']} }}}}"}
        node: Node = {"id": f"p{number}", "type": "outbox.publish", "config": config}
        if dice.random() < 0.3:
            node["each"] = {"items": [1, 2, 3], "concurrency": dice.randint(1, 3)}
            config["payload"] = "{{ item }}"
        if "parent" in task:
            node["parent"] = task["parent"]
        document["nodes"].append(node)
        document["edges"].append({"from": task["id"], "to": node["id"]})


def add_large(dice: random.Random, document: dict[str, Any]) -> None:
    """Some tasks answer with what is too large for the journal."""
    for node in document["nodes"]:
        if node["type"] == "sim.task" and dice.random() < 0.5:
            node["config"]["large"] = dice.randrange(len(LARGE))


def add_goes(dice: random.Random, farewells: random.Random, document: dict[str, Any]) -> None:
    """Some tasks do their work in several goes, and some of those take it back where they are cut in between."""
    for node in document["nodes"]:
        if node["type"] == "sim.task" and node["effect"] != "once" and dice.random() < 0.4:
            node["config"]["goes"] = dice.randint(1, 3)
            node["config"]["farewell"] = farewells.random() < 0.5


def with_other_goes(dice: random.Random, document: dict[str, Any]) -> dict[str, Any]:
    """The version that came later, where some of them take one more than before."""
    nodes = [
        {**node, "config": {**node["config"], "goes": node["config"]["goes"] + 1}}
        if node.get("config", {}).get("goes") and dice.random() < 0.5
        else node
        for node in document["nodes"]
    ]
    return document | {"nodes": nodes}


def add_target(dice: random.Random, document: dict[str, Any]) -> None:
    """Most tasks reach for what is away for a while, often enough that all of them together are told to leave it alone."""
    for node in document["nodes"]:
        if node["type"] == "sim.task" and not node["id"].startswith("u") and dice.random() < 0.8:
            node["config"]["url"] = URL
            node["retry"] = {"max_attempts": dice.choice((12, 20)), "initial": "100ms", "backoff": "constant"}


def mended(dice: random.Random, document: dict[str, Any]) -> dict[str, Any]:
    """The version that came later: with one task more at the top, and perhaps without one from which nothing leads on."""
    nodes, edges = list(document["nodes"]), list(document["edges"])
    undoing = {edge["to"] for edge in edges if edge.get("port") == "compensate"}
    top = [node["id"] for node in nodes if "parent" not in node and node["id"] not in undoing]
    holding = {"start", *(node.get("parent") for node in nodes), *(edge["from"] for edge in edges)}
    leaves = [name for name in top if name not in holding]
    if leaves and dice.random() < 0.5:
        gone = dice.choice(leaves)
        top.remove(gone)
        nodes = [node for node in nodes if node["id"] != gone]
        edges = [edge for edge in edges if edge["to"] != gone]
    before = dice.choice(top)
    port = dice.choice(_ports(next(node for node in nodes if node["id"] == before)))
    task: Node = {"id": "more", "type": "sim.task", "effect": dice.choice(EFFECTS), "config": {"of": ["more"]}}
    edges.append({"from": before, "to": "more", "port": port})
    return document | {"nodes": [*nodes, task], "edges": edges}


def _document(drawing: _Drawing, place: int) -> dict[str, Any]:
    dice = drawing.dice
    drawing.nodes.append({"id": "start", "type": "trigger.manual"})
    _region(drawing, ["start"], None, dice.randint(2, 6 if place == 0 else 3), depth=0)
    settings: dict[str, Any] = {"on_failure": dice.choice(("stop", "compensate", "compensate"))}
    if dice.random() < 0.15:
        settings["max_parallel"] = dice.randint(1, 2)
    if dice.random() < 0.05:
        settings["timeout"] = dice.choice(("5s", "40s"))
    if dice.random() < 0.25:
        settings["concurrency"] = {
            "limit": dice.choice((1, 1, 2)),
            "when_full": dice.choice(("queue", "queue", "reject", "cancel_oldest")),
        }
    name = f"f{place}"
    return {"dsl": 1, "name": name, "nodes": drawing.nodes, "edges": drawing.edges, "settings": settings}


def _region(drawing: _Drawing, before: list[str], parent: str | None, size: int, *, depth: int) -> None:
    dice, inside = drawing.dice, list(before)
    for _ in range(size):
        name = f"n{drawing.count}"
        drawing.count += 1
        sources = dice.sample(inside, min(len(inside), dice.choice((1, 1, 2, 3)))) if inside else []
        node = _node(drawing, name, [source for source in sources if source != "start"], inside, depth)
        if parent is not None:
            node["parent"] = parent
        drawing.nodes.append(node)
        ports = _ports(node)
        for source in sources:
            drawing.edges.append({"from": source, "to": name, "port": dice.choice(_ports(_known(drawing, source)))})
        if node.get("on_error") == "route" and "error" not in ports:
            node["on_error"] = "continue"
        if node["type"] == "sim.task" and not node["config"].get("poison") and dice.random() < 0.6:
            _undo(drawing, name, parent)
        inside.append(name)
    _mend_routes(drawing)


def _known(drawing: _Drawing, name: str) -> Node:
    return next(node for node in drawing.nodes if node["id"] == name)


def _ports(node: Node) -> tuple[str, ...]:
    match node["type"]:
        case "flow.signal":
            return ("out", "out", "timeout") if "timeout" in node["config"] else ("out",)
        case "flow.approval":
            return ("approved", "approved", "rejected")
        case "flow.try":
            return ("out", "out", "caught")
        case _:
            return ("out", "out", "out", "error") if node.get("on_error") == "route" else ("out",)


def _mend_routes(drawing: _Drawing) -> None:
    """A route without an edge to take is no document that could be published."""
    routed = {edge["from"] for edge in drawing.edges if edge.get("port") == "error"}
    for node in drawing.nodes:
        if node.get("on_error") == "route" and node["id"] not in routed:
            node["on_error"] = "continue"


def _undo(drawing: _Drawing, name: str, parent: str | None) -> None:
    undo: Node = {
        "id": f"u{name}",
        "type": "sim.task",
        "effect": "keyed",
        "config": {"of": [f"{{{{ nodes.{name} }}}}"]},
    }
    if drawing.dice.random() < 0.5:
        undo["retry"] = {"max_attempts": 3, "initial": "100ms"}
    if drawing.dice.random() < 0.3:
        undo["config"]["fails"] = True
    if parent is not None:
        undo["parent"] = parent
    drawing.nodes.append(undo)
    drawing.edges.append({"from": name, "to": f"u{name}", "port": "compensate"})


def _node(drawing: _Drawing, name: str, sources: list[str], inside: list[str], depth: int) -> Node:
    dice = drawing.dice
    draw = dice.random()
    if draw < 0.08:
        return {"id": name, "type": "flow.wait", "config": {"for": dice.choice(("200ms", "1s", "9s"))}}
    if draw < 0.14:
        return _signal(dice, name)
    if draw < 0.18:
        return _approval(dice, name)
    if draw < 0.27 and drawing.callable_:
        config: dict[str, Any] = {"flow": dice.choice(drawing.callable_), "wait": dice.random() < 0.8}
        return {"id": name, "type": "flow.call", "config": config} | _errors(dice)
    if draw < (0.52 if drawing.locks else 0.42) and depth < 2:
        return _container(drawing, name, depth)
    if draw < 0.55:
        return {"id": name, "type": "data.set", "config": {"fields": {"n": 1}}, "join": _join(dice)}
    return _task(drawing, name, sources, inside)


def _join(dice: random.Random) -> str:
    return dice.choice(("all", "all", "any"))


def _errors(dice: random.Random) -> Node:
    node: Node = {"on_error": dice.choice(("fail", "fail", "continue", "route"))}
    if dice.random() < 0.5:
        node["retry"] = {"max_attempts": 3, "initial": dice.choice(("100ms", "2s")), "jitter": 0.5}
    if dice.random() < 0.1:
        node["timeout"] = dice.choice(("500ms", "3s"))
    return node


def _task(drawing: _Drawing, name: str, sources: list[str], inside: list[str]) -> Node:
    dice = drawing.dice
    reads = {*sources, *(other for other in inside if other != "start" and dice.random() < 0.2)}
    node: Node = {"id": name, "type": "sim.task", "join": _join(dice), "effect": dice.choice(EFFECTS)} | _errors(dice)
    node["config"] = {"of": [f"{{{{ nodes.{read} }}}}" for read in sorted(reads)]}
    if dice.random() < 0.03:
        node["config"]["poison"] = True
    if dice.random() < 0.2:
        node["config"]["of"].append("{{ now }}")
    if dice.random() < 0.2:
        each = {"items": [1, 2, 3], "concurrency": dice.randint(1, 3), "on_error": dice.choice(("stop", "collect"))}
        if each["on_error"] == "collect" and dice.random() < 0.4:
            each["tolerate"] = 0.34
        node["each"] = each
        node["config"]["of"].append("{{ item }}")
    if drawing.url is not None and dice.random() < 0.7:
        node["config"]["url"] = drawing.url
        node["retry"] = {"max_attempts": dice.choice((3, 12)), "initial": "100ms", "backoff": "constant"}
    if drawing.key is not None and dice.random() < 0.7:
        node["credential"] = drawing.key
    return node


def _signal(dice: random.Random, name: str) -> Node:
    config: Node = {"name": dice.choice(SIGNALS)}
    if dice.random() < 0.6:
        config["timeout"] = dice.choice(("1s", "15s"))
    return {"id": name, "type": "flow.signal", "config": config}


def _approval(dice: random.Random, name: str) -> Node:
    config: Node = {"title": "May it?", "assignees": {"roles": ["operator"]}}
    if dice.random() < 0.5:
        config |= {"timeout": dice.choice(("1s", "15s")), "on_timeout": dice.choice(("approve", "reject"))}
    return {"id": name, "type": "flow.approval", "config": config}


def _container(drawing: _Drawing, name: str, depth: int) -> Node:
    dice = drawing.dice
    kind = dice.choice(("for_each", "for_each", "while", "try", *(["lock"] * 6 if drawing.locks else ())))
    node: Node = {"id": name, "type": f"flow.{kind}"}
    match kind:
        case "for_each":
            node["config"] = {
                "items": list(range(dice.randint(0, 4))),
                "concurrency": dice.randint(1, 3),
                "on_error": dice.choice(("stop", "collect")),
            }
        case "while":
            node["config"] = {"condition": f"{{{{ index < {dice.randint(0, 3)} }}}}", "max": 5}
        case "lock":
            node["config"] = {"name": dice.choice(drawing.locks), "limit": dice.choice((1, 1, 2))}
            if dice.random() < 0.4:
                node["config"]["wait"] = dice.choice(("500ms", "20s"))
        case _:
            node["config"] = {}
    node |= {key: value for key, value in _errors(dice).items() if key != "timeout"}
    if kind == "try":
        node.pop("on_error", None)
    around = drawing.locks, drawing.callable_
    if kind == "lock":
        drawing.locks = tuple(one for one in around[0] if one > node["config"]["name"])
        drawing.callable_ = []
    _region(drawing, [], name, dice.randint(1, 3), depth=depth + 1)
    drawing.locks, drawing.callable_ = around
    return node
