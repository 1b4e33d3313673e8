"""Validation of large documents: right, and without recursion. How fast it is stands in the bench."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.dsl.cast import codes, flow, log, problems, says


def test_a_chain_of_10_000_nodes_is_walked_to_its_end() -> None:
    chain = [says(f"n{number}", f"{{{{ nodes.n{number - 1}.x }}}}") for number in range(1, 9_999)]
    edges = "start>n0 " + " ".join(f"n{number}>n{number + 1}" for number in range(9_998))
    assert codes(flow(log("n0"), *chain, edges=edges)) == []


def test_ten_times_the_nodes_are_ten_times_the_work() -> None:
    few, many = (_calls_for(length) for length in (1_000, 10_000))
    assert many <= 11 * few


def _calls_for(length: int) -> int:
    """How many functions are called to validate a chain in which each node looks at the one before it."""
    chain = [says(f"n{number}", f"{{{{ nodes.n{number - 1}.x }}}}") for number in range(1, length - 1)]
    edges = "start>n0 " + " ".join(f"n{number}>n{number + 1}" for number in range(length - 2))
    document = flow(log("n0"), *chain, edges=edges)
    with _counting() as counted:
        assert codes(document) == []
    return counted[0]


@contextmanager
def _counting() -> Iterator[list[int]]:
    counted = [0]

    def count(frame: Any, event: str, arg: Any) -> None:
        counted[0] += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield counted
    finally:
        sys.setprofile(before)


def test_a_ring_of_9_000_nodes_is_one_problem() -> None:
    edges = "start>n0 n8999>n0 " + " ".join(f"n{number}>n{number + 1}" for number in range(8_999))
    found = problems(flow(*(log(f"n{number}") for number in range(9_000)), edges=edges))
    assert [one.code for one in found] == ["cycle"]
    assert len(found[0].message) < 300


def test_thousands_of_wrong_references_are_all_told() -> None:
    nodes = [says(f"n{number}", f"{{{{ nodes.nobody{number}.x }}}}") for number in range(5_000)]
    edges = " ".join(f"start>n{number}" for number in range(5_000))
    assert len(problems(flow(*nodes, edges=edges))) == 5_000


def test_thousands_of_containers_in_each_other_are_not_walked_again_and_again() -> None:
    nested = [{"id": f"c{n}", "type": "flow.try", **({"parent": f"c{n - 1}"} if n else {})} for n in range(9_000)]
    found = codes(flow(*nested, says("a", "{{ item }}", parent="c8999"), edges="start>c0"))
    assert set(found) == {"nested_containers", "outside_each"}
