import pytest

from tests.dsl.cast import codes, flow, log, only, problems


def test_a_cycle_names_its_nodes() -> None:
    found = only(flow(log("a"), log("b"), log("c"), edges="start>a a>b b>c c>a"))
    assert (found.code, found.params["nodes"]) == ("cycle", "a, b, c")


def test_an_edge_back_to_itself_is_a_cycle() -> None:
    assert only(flow(log("a"), edges="start>a a>a")).code == "cycle"


def test_two_cycles_are_two_problems() -> None:
    raw = flow(*(log(one) for one in "abcd"), edges="start>a a>b b>a start>c c>d d>c")
    assert [one.params["nodes"] for one in problems(raw)] == ["a, b", "c, d"]


def test_a_cycle_inside_a_container_is_told() -> None:
    loop = {"id": "loop", "type": "flow.for_each", "config": {"items": []}}
    raw = flow(loop, log("a", parent="loop"), log("b", parent="loop"), edges="start>loop a>b b>a")
    assert codes(raw) == ["cycle"]


def test_a_diamond_is_no_cycle() -> None:
    assert codes(flow(*(log(one) for one in "abj"), edges="start>a start>b a>j b>j")) == []


def test_a_flow_without_a_trigger_is_told() -> None:
    assert only({"nodes": [log("a")]}).code == "no_trigger"
    assert only({}).code == "no_trigger"


def test_a_node_no_trigger_leads_to_is_told() -> None:
    raw = flow(log("a"), log("b"), log("c"), edges="start>a b>c")
    assert [(one.code, one.node) for one in problems(raw)] == [("unreachable", "b"), ("unreachable", "c")]


def test_a_flow_may_have_several_triggers() -> None:
    raw = flow({"id": "hook", "type": "trigger.webhook"}, log("a"), log("b"), edges="start>a hook>b")
    assert codes(raw) == []


def test_what_lies_in_an_unreachable_container_is_not_told_again() -> None:
    loop = {"id": "loop", "type": "flow.for_each", "config": {"items": []}}
    assert codes(flow(loop, log("a", parent="loop"))) == ["unreachable"]


def test_inside_a_container_everything_without_an_edge_is_a_beginning() -> None:
    loop = {"id": "loop", "type": "flow.for_each", "config": {"items": []}}
    assert codes(flow(loop, log("a", parent="loop"), log("b", parent="loop"), edges="start>loop")) == []


def test_an_undo_node_is_reached_by_what_it_undoes() -> None:
    assert codes(flow(log("a"), log("u"), edges="start>a a.compensate>u")) == []


def test_an_undo_may_have_successors_of_its_own() -> None:
    raw = flow(log("a"), log("u"), log("v"), log("w"), edges="start>a a.compensate>u u>v u>w v>w")
    assert codes(raw) == []


def test_an_undo_node_has_no_other_incoming_edge() -> None:
    raw = flow(log("a"), log("b"), log("u"), edges="start>a a>b b>u a.compensate>u")
    assert "undo_with_input" in codes(raw)


def test_one_undo_node_undoes_one_node() -> None:
    raw = flow(log("a"), log("b"), log("u"), edges="start>a a>b a.compensate>u b.compensate>u")
    assert codes(raw) == ["undo_with_input"]


def test_an_undo_does_not_lead_back_into_the_flow() -> None:
    raw = flow(log("a"), log("b"), log("u"), edges="start>a a>b a.compensate>u u>b")
    assert codes(raw) == ["undo_joined"]


def test_the_flow_does_not_lead_into_an_undo() -> None:
    raw = flow(log("a"), log("b"), log("u"), log("v"), edges="start>a a>b a.compensate>u u>v b>v")
    assert "undo_joined" in codes(raw)


def test_two_undoes_do_not_join() -> None:
    raw = flow(*(log(one) for one in "abuvw"), edges="start>a a>b a.compensate>u b.compensate>v u>w v>w")
    assert codes(raw) == ["undo_joined"]


@pytest.mark.parametrize(
    "edges", ["start>a a.compensate>u u.compensate>v", "start>a a.compensate>u u>v v.compensate>w"]
)
def test_what_belongs_to_an_undo_is_not_undone(edges: str) -> None:
    names = "auvw" if "w" in edges else "auv"
    assert codes(flow(*(log(one) for one in names), edges=edges)) == ["undo_of_undo"]


def test_a_ring_of_undoes_is_told() -> None:
    found = codes(flow(log("a"), log("b"), edges="start>a a.compensate>b b.compensate>a"))
    assert "undo_of_undo" in found
    assert "undo_with_input" in found


def test_a_trigger_is_not_undone() -> None:
    assert codes(flow(log("u"), edges="start.compensate>u")) == ["undo_of_trigger"]


def test_an_undo_does_not_cross_a_wall() -> None:
    loop = {"id": "loop", "type": "flow.for_each", "config": {"items": []}}
    raw = flow(loop, log("a", parent="loop"), log("u"), edges="start>loop a.compensate>u")
    assert "wall_crossed" in codes(raw)
