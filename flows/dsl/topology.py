"""Graphs of node ids: order, cycles, reach, ancestors. Iterative, since a flow may be 10,000 nodes long."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

Graph = Mapping[str, Sequence[str]]


def graph_of(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Successors by node."""
    graph: dict[str, list[str]] = defaultdict(list)
    for source, target in pairs:
        graph[source].append(target)
    return graph


def reversed_graph(graph: Graph) -> dict[str, list[str]]:
    """Predecessors by node."""
    return graph_of((target, source) for source, targets in graph.items() for target in targets)


def reach(graph: Graph, starts: Iterable[str]) -> set[str]:
    """The starts and everything they lead to."""
    found = set(starts)
    ahead = list(found)
    while ahead:
        for target in graph.get(ahead.pop(), ()):
            if target not in found:
                found.add(target)
                ahead.append(target)
    return found


def order(nodes: Iterable[str], graph: Graph) -> list[str]:
    """The nodes, each after its predecessors (Kahn 1962); those on or behind a cycle are left out."""
    everyone = list(nodes)
    waiting: dict[str, int] = dict.fromkeys(everyone, 0)
    for source in everyone:
        for target in graph.get(source, ()):
            waiting[target] = waiting.get(target, 0) + 1
    ready = [node for node in everyone if waiting[node] == 0]
    for node in ready:
        for target in graph.get(node, ()):
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    return ready


def cycles(nodes: Sequence[str], graph: Graph) -> list[list[str]]:
    """The groups of nodes that lie on cycles together, each in the order of `nodes`.

    Strongly connected components by two searches (Kosaraju), after trimming what lies on none.
    """
    trimmed = set(nodes) - set(order(nodes, graph))
    if not trimmed:
        return []
    inner = {node: [target for target in graph.get(node, ()) if target in trimmed] for node in trimmed}
    finished = _finishing(sorted(trimmed), inner)
    backward = reversed_graph(inner)
    groups: list[list[str]] = []
    seen: set[str] = set()
    place = {node: number for number, node in enumerate(nodes)}
    for node in reversed(finished):
        if node in seen:
            continue
        group = {node}
        ahead = [node]
        seen.add(node)
        while ahead:
            for source in backward.get(ahead.pop(), ()):
                if source not in seen:
                    seen.add(source)
                    group.add(source)
                    ahead.append(source)
        if len(group) > 1 or node in inner[node]:
            groups.append(sorted(group, key=place.__getitem__))
    return sorted(groups, key=lambda group: place[group[0]])


def _finishing(nodes: Iterable[str], graph: Graph) -> list[str]:
    """The nodes in the order in which a depth-first search leaves them."""
    left: list[str] = []
    entered: set[str] = set()
    for start in nodes:
        if start in entered:
            continue
        entered.add(start)
        stack = [(start, iter(graph.get(start, ())))]
        while stack:
            node, targets = stack[-1]
            ahead = next((target for target in targets if target not in entered), None)
            if ahead is None:
                stack.pop()
                left.append(node)
            else:
                entered.add(ahead)
                stack.append((ahead, iter(graph.get(ahead, ()))))
    return left


class Ancestors:
    """Who comes before whom, as one bit set per node."""

    def __init__(self, nodes: Sequence[str], graph: Graph) -> None:
        """Nodes on or behind a cycle have no ancestors here; the cycle is told elsewhere."""
        self._bit = {node: 1 << number for number, node in enumerate(nodes)}
        self._before = dict.fromkeys(nodes, 0)
        self.ordered = frozenset(ranked := order(nodes, graph))
        for node in ranked:
            mine = self._before[node] | self._bit[node]
            for target in graph.get(node, ()):
                self._before[target] |= mine

    def comes_before(self, earlier: str, later: str) -> bool:
        """Whether a path leads from one node to the other."""
        return bool(self._before.get(later, 0) & self._bit.get(earlier, 0))
