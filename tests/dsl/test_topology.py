from hypothesis import given
from hypothesis import strategies as st

from flows.dsl.topology import Ancestors, cycles, graph_of, order, reach, reversed_graph

edges = st.lists(st.tuples(st.integers(0, 7).map(str), st.integers(0, 7).map(str)), max_size=20)
NODES = [str(number) for number in range(8)]


@given(edges)
def test_what_is_left_out_of_the_order_lies_on_or_behind_a_cycle(pairs: list[tuple[str, str]]) -> None:
    graph = graph_of(pairs)
    on_cycles = {node for group in cycles(NODES, graph) for node in group}
    assert set(NODES) - set(order(NODES, graph)) == reach(graph, on_cycles)


@given(edges)
def test_a_node_lies_on_a_cycle_when_it_reaches_itself(pairs: list[tuple[str, str]]) -> None:
    graph = graph_of(pairs)
    on_cycles = {node for group in cycles(NODES, graph) for node in group}
    assert on_cycles == {node for node in NODES if node in reach(graph, graph[node])}


@given(edges)
def test_the_order_has_every_node_after_its_predecessors(pairs: list[tuple[str, str]]) -> None:
    graph = graph_of(pairs)
    ranked = order(NODES, graph)
    for source, target in pairs:
        if source in ranked and target in ranked:
            assert ranked.index(source) < ranked.index(target)


@given(edges)
def test_ancestors_are_those_who_reach(pairs: list[tuple[str, str]]) -> None:
    forward = [(source, target) for source, target in pairs if source < target]
    graph = graph_of(forward)
    ancestors = Ancestors(NODES, graph)
    for one in NODES:
        for other in NODES:
            assert ancestors.comes_before(one, other) == (one != other and other in reach(graph, [one]))


def test_a_graph_turned_round_twice_is_itself() -> None:
    graph = graph_of([("a", "b"), ("a", "c"), ("b", "c")])
    assert reversed_graph(reversed_graph(graph)) == graph
