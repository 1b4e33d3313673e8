from typing import Any

import pytest

from tests.dsl.cast import codes, flow, log, only, problems


def a(**fields: Any) -> dict[str, Any]:
    return log("a", **fields)


@pytest.mark.parametrize(("edges", "path"), [("start>a a>zz", "/edges/1/to"), ("start>a zz>a", "/edges/1/from")])
def test_an_edge_to_or_from_nowhere_is_told(edges: str, path: str) -> None:
    found = only(flow(a(), edges=edges))
    assert (found.code, found.path) == ("unknown_node", path)


def test_a_port_that_a_node_lacks_is_told_with_those_it_has() -> None:
    found = only(flow({"id": "q", "type": "flow.if", "config": {"condition": True}}, a(), edges="start>q q>a"))
    assert (found.code, found.path) == ("unknown_port", "/edges/1/port")
    assert "true, false" in found.message


def test_the_ports_of_a_switch_come_from_its_cases() -> None:
    switch = {"id": "s", "type": "flow.switch", "config": {"cases": [{"equals": 1, "port": "one"}]}}
    assert codes(flow(switch, a(), edges="start>s s.one>a s.fallback>a")) == []
    assert codes(flow(switch, a(), edges="start>s s.two>a")) == ["unknown_port"]


def test_a_node_that_runs_per_item_leaves_by_out() -> None:
    node = {"id": "q", "type": "flow.if", "config": {"condition": True}, "each": {"items": [1]}}
    assert codes(flow(node, a(), edges="start>q q>a")) == []
    assert codes(flow(node, a(), edges="start>q q.true>a")) == ["unknown_port"]


def test_nothing_leaves_from_a_stop() -> None:
    assert codes(flow({"id": "s", "type": "flow.stop"}, a(), edges="start>s s>a")) == ["unknown_port"]


def test_two_edges_alike_are_told() -> None:
    found = only(flow(a(), edges="start>a start>a"))
    assert (found.code, found.path) == ("duplicate_edge", "/edges/1")


def test_two_edges_by_different_ports_are_two() -> None:
    question = {"id": "q", "type": "flow.if", "config": {"condition": True}}
    assert codes(flow(question, a(), edges="start>q q.true>a q.false>a")) == []


def test_nothing_leads_to_a_trigger() -> None:
    raw = flow(a(), {"id": "hook", "type": "trigger.webhook"}, edges="start>a a>hook")
    assert only(raw).code == "trigger_with_input"


@pytest.mark.parametrize("edges", ["start>loop a>b", "start>loop b>a start>b", "start>loop loop>a"])
def test_an_edge_does_not_cross_a_wall(edges: str) -> None:
    loop = {"id": "loop", "type": "flow.for_each", "config": {"items": []}}
    assert "wall_crossed" in codes(flow(loop, a(parent="loop"), log("b"), edges=edges))


def test_a_route_needs_an_edge_from_error() -> None:
    assert only(flow(a(on_error="route"), edges="start>a")).code == "route_without_error"
    assert codes(flow(a(on_error="route"), log("b"), edges="start>a a.error>b")) == []


def test_an_edge_from_error_needs_a_route() -> None:
    assert only(flow(a(), log("b"), edges="start>a a.error>b")).code == "error_without_route"


def test_going_on_after_an_error_needs_a_port_out() -> None:
    question = {"id": "q", "type": "flow.if", "config": {"condition": True}, "on_error": "continue"}
    assert only(flow(question, edges="start>q")).code == "continue_without_out"
    assert codes(flow(a(on_error="continue"), edges="start>a")) == []


def test_a_join_counts_no_more_edges_than_there_are() -> None:
    raw = flow(a(), log("b"), log("j", join={"count": 3}), edges="start>a start>b a>j b>j")
    found = only(raw)
    assert (found.code, found.path) == ("join_count", "/nodes/3/join/count")
    assert codes({**raw, "nodes": [*raw["nodes"][:3], log("j", join={"count": 2})]}) == []


def test_an_edge_of_the_wrong_shape_is_told_and_the_others_are_read() -> None:
    raw = flow(a(), edges="start>a")
    raw["edges"] += [{"from": "a"}, 3, {"from": "a", "to": "b", "prot": "x"}]
    assert [(one.code, one.path) for one in problems(raw)] == [
        ("missing_field", "/edges/1/to"),
        ("bad_field", "/edges/2"),
        ("unknown_field", "/edges/3/prot"),
        ("unknown_node", "/edges/3/to"),
    ]
