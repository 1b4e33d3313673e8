"""Flows of several shapes with the same parts: effects that rest on a reading that is never the same twice, a wait,
an alarm that a person is told of, and, where it is to be undone, a bad end."""

from itertools import pairwise
from typing import Any, Final

WIDTH: Final = 4
ITEMS: Final = 5
TOGETHER: Final = {"linear": 1, "fan-out": WIDTH, "saga": 1, "each": 2, "sub-flow": 1, "lock": 1, "parked": 1}
"""How many effects of a shape may be under way at once."""
SHAPES: Final = tuple(TOGETHER)
DEPTHS: Final = {"sub-flow": (0, 1)}
"""In whose run of a shape a process may die: in the caller's and in the called one's; elsewhere there is one run."""

PARKED_FOR: Final = 3_600_000_000
"""Microseconds for which a run of the shape `parked` belongs to nobody before its effect."""
CALLED: Final = "called"
VALUE: Final = "{{ nodes.draw.value }}"
GIVEN: Final = "{{ input.value }}"
PAY: Final[dict[str, Any]] = {"type": "test.effect", "config": {"value": VALUE}}


def shape(name: str, *, undone: bool) -> dict[str, Any]:
    """The document of a shape; a saga is always undone. A sub-flow calls the version 1 of the flow `CALLED`."""
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
        nodes.append({"id": "refund", **PAY} | ({"parent": "guard"} if name == "lock" else {}))
        edges.append({"from": "pay0" if name == "fan-out" else "pay", "to": "refund", "port": "compensate"})
    nodes += tail
    edges += [{"from": one["id"], "to": two["id"]} for one, two in pairwise([{"id": "middle"}, *tail])]
    settings = {"on_failure": "compensate"}
    return {"dsl": 1, "name": name, "nodes": nodes, "edges": edges, "settings": settings}


def called(*, undone: bool) -> dict[str, Any]:
    """The flow that a sub-flow calls: one of the same parts, with a bad end where it is to be undone."""
    nodes: list[dict[str, Any]] = [
        {"id": "start", "type": "trigger.manual"},
        {"id": "sub_pay", "type": "test.effect", "config": {"value": GIVEN}},
        {"id": "sub_wait", "type": "flow.wait", "config": {"for": "300ms"}},
        {"id": "sub_alarm", "type": "test.alarm", "on_error": "continue"},
        {"id": "sub_last", "type": "data.set", "config": {"fields": {"value": GIVEN}}},
    ]
    if undone:
        nodes.append({"id": "sub_boom", "type": "flow.stop", "config": {"outcome": "error", "message": "enough"}})
    edges = [{"from": one["id"], "to": two["id"]} for one, two in pairwise(nodes)]
    if undone:
        nodes.append({"id": "sub_refund", "type": "test.effect", "config": {"value": GIVEN}})
        edges.append({"from": "sub_pay", "to": "sub_refund", "port": "compensate"})
    return {"dsl": 1, "name": CALLED, "nodes": nodes, "edges": edges, "settings": {"on_failure": "compensate"}}


def guarded() -> dict[str, Any]:
    """A lock around two effects with a wait between them, each of which says under which token it happens."""
    inside = {"type": "test.effect", "parent": "guard", "config": {"value": "{{ lock.token }}"}}
    pause = {"id": "pause", "type": "flow.wait", "parent": "guard", "config": {"for": "100ms"}}
    nodes: list[dict[str, Any]] = [
        {"id": "start", "type": "trigger.manual"},
        {"id": "guard", "type": "flow.lock", "config": {"name": "till"}},
        {"id": "open", **inside},
        pause,
        {"id": "close", **inside},
    ]
    edges = [{"from": one, "to": two} for one, two in (("start", "guard"), ("open", "pause"), ("pause", "close"))]
    return {"dsl": 1, "name": "guarded", "nodes": nodes, "edges": edges, "settings": {}}


def effects_of(name: str) -> list[str]:
    """The keys of a shape's effects, without those that undo."""
    match name:
        case "fan-out":
            return [f"pay{n}" for n in range(WIDTH)]
        case "each":
            return [f"pay[{n}]" for n in range(ITEMS)]
        case "saga":
            return ["pay", "pay_more"]
        case "lock":
            return ["guard/pay"]
    return ["pay"]


def called_effects(name: str, *, undone: bool) -> list[str]:
    """The keys of the effects of the flow that a shape calls."""
    if name != "sub-flow":
        return []
    return ["sub_pay", "sub_refund"] if undone else ["sub_pay"]


def undos_of(name: str) -> list[str]:
    match name:
        case "saga":
            return ["refund", "refund_more"]
        case "lock":
            return ["guard/refund"]
    return ["refund"]


def published_by(name: str) -> list[str]:
    """The keys of the steps of a shape that publish a message."""
    return ["tell"] if name == "parked" else []


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


def _sub_flow(nodes: Parts, edges: Parts) -> None:
    call = {"flow": CALLED, "version": 1, "input": {"value": VALUE}}
    nodes += [
        {"id": "pay", **PAY},
        {"id": "call", "type": "flow.call", "config": call},
        {"id": "middle", "type": "log"},
    ]
    edges += [{"from": one, "to": two} for one, two in pairwise(["draw", "pay", "call", "middle"])]


def _lock(nodes: Parts, edges: Parts) -> None:
    nodes += [
        {"id": "guard", "type": "flow.lock", "config": {"name": "till"}},
        {"id": "pay", **PAY, "parent": "guard"},
        {"id": "middle", "type": "log"},
    ]
    edges += [{"from": "draw", "to": "guard"}, {"from": "guard", "to": "middle"}]


def _parked(nodes: Parts, edges: Parts) -> None:
    told = {"topic": "orders.paid", "key": "one", "payload": VALUE}
    nodes += [
        {"id": "nap", "type": "flow.wait", "config": {"for": f"{PARKED_FOR // 1_000_000}s"}},
        {"id": "pay", **PAY},
        {"id": "tell", "type": "outbox.publish", "config": told},
        {"id": "middle", "type": "log"},
    ]
    edges += [{"from": one, "to": two} for one, two in pairwise(["draw", "nap", "pay", "tell", "middle"])]


_MIDDLES: Final = {
    "linear": _linear,
    "fan-out": _fan_out,
    "saga": _saga,
    "each": _each,
    "sub-flow": _sub_flow,
    "lock": _lock,
    "parked": _parked,
}
