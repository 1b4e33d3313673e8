"""Flows of several shapes with the same parts: effects that rest on a reading that is never the same twice, a wait,
an alarm that a person is told of, and, where it is to be undone, a bad end."""

from itertools import pairwise
from typing import Any, Final

WIDTH: Final = 4
ITEMS: Final = 5
TOGETHER: Final = {"linear": 1, "fan-out": WIDTH, "saga": 1, "each": 2}
"""How many effects of a shape may be under way at once."""
SHAPES: Final = tuple(TOGETHER)

VALUE: Final = "{{ nodes.draw.value }}"
PAY: Final[dict[str, Any]] = {"type": "test.effect", "config": {"value": VALUE}}


def shape(name: str, *, undone: bool) -> dict[str, Any]:
    """The document of a shape; a saga is always undone."""
    nodes: list[dict[str, Any]] = [{"id": "start", "type": "trigger.manual"}, {"id": "draw", "type": "test.draw"}]
    edges = [{"from": "start", "to": "draw"}]
    _MIDDLES[name](nodes, edges)
    tail: list[dict[str, Any]] = [
        {"id": "wait", "type": "flow.wait", "config": {"for": "300ms"}},
        {"id": "alarm", "type": "test.alarm", "on_error": "continue"},
        {"id": "last", "type": "data.set", "config": {"fields": {"value": VALUE}}},
    ]
    if undone or name == "saga":
        tail.append({"id": "boom", "type": "flow.stop", "config": {"outcome": "error", "message": "enough"}})
        nodes.append({"id": "refund", **PAY})
        edges.append({"from": effects_of(name)[0].partition("[")[0], "to": "refund", "port": "compensate"})
    nodes += tail
    edges += [{"from": one["id"], "to": two["id"]} for one, two in pairwise([{"id": "middle"}, *tail])]
    settings = {"on_failure": "compensate"}
    return {"dsl": 1, "name": name, "nodes": nodes, "edges": edges, "settings": settings}


def effects_of(name: str) -> list[str]:
    """The keys of a shape's effects, without those that undo."""
    match name:
        case "fan-out":
            return [f"pay{n}" for n in range(WIDTH)]
        case "each":
            return [f"pay[{n}]" for n in range(ITEMS)]
        case "saga":
            return ["pay", "pay_more"]
    return ["pay"]


def undos_of(name: str) -> list[str]:
    return ["refund", "refund_more"] if name == "saga" else ["refund"]


Parts = list[dict[str, Any]]


def _linear(nodes: Parts, edges: Parts) -> None:
    nodes += [{"id": "pay", **PAY}, {"id": "middle", "type": "log"}]
    edges += [{"from": "draw", "to": "pay"}, {"from": "pay", "to": "middle"}]


def _fan_out(nodes: Parts, edges: Parts) -> None:
    nodes += [*({"id": f"pay{n}", **PAY} for n in range(WIDTH)), {"id": "middle", "type": "log"}]
    for n in range(WIDTH):
        edges += [{"from": "draw", "to": f"pay{n}"}, {"from": f"pay{n}", "to": "middle"}]


def _saga(nodes: Parts, edges: Parts) -> None:
    nodes += [{"id": "pay", **PAY}, {"id": "pay_more", **PAY}, {"id": "middle", "type": "log"}]
    nodes.append({"id": "refund_more", **PAY})
    edges += [{"from": one, "to": two} for one, two in pairwise(["draw", "pay", "pay_more", "middle"])]
    edges.append({"from": "pay_more", "to": "refund_more", "port": "compensate"})


def _each(nodes: Parts, edges: Parts) -> None:
    each = {"items": list(range(ITEMS)), "concurrency": TOGETHER["each"]}
    nodes += [{"id": "pay", **PAY, "each": each}, {"id": "middle", "type": "log"}]
    edges += [{"from": "draw", "to": "pay"}, {"from": "pay", "to": "middle"}]


_MIDDLES: Final = {"linear": _linear, "fan-out": _fan_out, "saga": _saga, "each": _each}
