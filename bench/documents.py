"""The flows that the workloads run. They depend on nothing outside, so the figures are the engine's own."""

import itertools
from typing import Any


def _document(name: str, nodes: list[dict[str, Any]], edges: list[tuple[str, str]], **more: Any) -> dict[str, Any]:
    start = {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}}
    return {
        "dsl": 1,
        "name": name,
        "nodes": [start, *nodes],
        "edges": [{"from": source, "to": target} for source, target in edges],
        **more,
    }


def chain(length: int, *, effect: str | None = None) -> dict[str, Any]:
    """`length` steps in a row, each reading the one before; with `effect` every step is one."""
    nodes: list[dict[str, Any]] = []
    for index in range(length):
        value = "{{ input.n }}" if index == 0 else f"{{{{ nodes.s{index - 1}.n + 1 }}}}"
        node = {
            "id": f"s{index}",
            "type": "data.set",
            "config": {"fields": {"n": value}},
            "position": {"x": 260 * (index + 1), "y": 0},
        }
        nodes.append(node | ({"effect": effect} if effect else {}))
    names = ["start", *(node["id"] for node in nodes)]
    return _document(f"chain-{length}{'-' + effect if effect else ''}", nodes, list(itertools.pairwise(names)))


def fan_out(width: int) -> dict[str, Any]:
    """`width` branches side by side and one join."""
    branches = [
        {
            "id": f"b{index}",
            "type": "data.set",
            "config": {"fields": {"n": "{{ input.n }}"}},
            "position": {"x": 260, "y": 100 * index},
        }
        for index in range(width)
    ]
    join = {"id": "join", "type": "data.set", "config": {"fields": {"done": True}}, "position": {"x": 520, "y": 0}}
    names = [f"b{index}" for index in range(width)]
    edges = [("start", name) for name in names] + [(name, "join") for name in names]
    return _document(f"fan-out-{width}", [*branches, join], edges)


def each(concurrency: int) -> dict[str, Any]:
    """One node over the items of the input."""
    node = {
        "id": "item",
        "type": "data.set",
        "each": {"items": "{{ input.items }}", "concurrency": concurrency},
        "config": {"fields": {"n": "{{ item.n }}"}},
        "position": {"x": 260, "y": 0},
    }
    return _document("each", [node], [("start", "item")])


def slow_chain(length: int, pause: str) -> dict[str, Any]:
    """Steps parted by short waits, so that a person, or a browser, can see each light up."""
    nodes: list[dict[str, Any]] = []
    for index in range(length):
        nodes.append({"id": f"w{index}", "type": "flow.wait", "config": {"for": pause}})
        nodes.append({"id": f"s{index}", "type": "data.set", "config": {"fields": {"n": index}}})
    for index, node in enumerate(nodes):
        node["position"] = {"x": 260 * (index % 5 + 1), "y": 120 * (index // 5)}
    names = ["start", *(node["id"] for node in nodes)]
    return _document("slow-chain", nodes, list(itertools.pairwise(names)))


def waiting(pause: str) -> dict[str, Any]:
    """One wait and one step behind it: a run that parks."""
    nodes = [
        {"id": "rest", "type": "flow.wait", "config": {"for": pause}, "position": {"x": 260, "y": 0}},
        {"id": "done", "type": "data.set", "config": {"fields": {"n": 1}}, "position": {"x": 520, "y": 0}},
    ]
    return _document(f"waiting-{pause}", nodes, [("start", "rest"), ("rest", "done")])


def grid(count: int) -> dict[str, Any]:
    """`count` nodes with the start, in a hundred chains side by side, each node reading the one before it."""
    nodes: list[dict[str, Any]] = []
    edges: list[tuple[str, str]] = []
    for number in range(count - 1):
        row, column = number % 100, number // 100
        before = f"n{number - 100}" if column else "start"
        value = f"{{{{ nodes.{before}.v }}}}" if column else number
        place = {"x": 260 * (column + 1), "y": 90 * row}
        node = {"id": f"n{number}", "type": "data.set", "config": {"fields": {"v": value}}, "position": place}
        nodes.append(node)
        edges.append((before, f"n{number}"))
    return _document(f"grid-{count}", nodes, edges)


def streaming(count: int) -> dict[str, Any]:
    """`count` nodes with the start, in forty chains of small steps with pauses between, so that a run goes on for seconds."""
    rows = min(40, count - 1)
    nodes: list[dict[str, Any]] = []
    edges: list[tuple[str, str]] = []
    for number in range(count - 1):
        row, column = number % rows, number // rows
        place = {"x": 280 * (column + 1), "y": 128 * row}
        node: dict[str, Any] = {"id": f"n{number}", "label": f"Step {number}", "position": place}
        if column % 4 == 1:
            node |= {"type": "flow.wait", "config": {"for": f"{300 + 40 * row}ms"}}
        else:
            node |= {"type": "data.set", "config": {"fields": {"v": number}}}
        nodes.append(node)
        edges.append((f"n{number - rows}" if column else "start", f"n{number}"))
    return _document(f"streaming-{count}", nodes, edges)
