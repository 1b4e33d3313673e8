"""Outputs of items are gathered as text, and nobody who reads them can tell."""

import random
import sys
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from flows.engine.commands import Assembly, ListOf, ListOver, ObjectOf
from flows.engine.events import PayloadRef
from flows.engine.marks import pack, unpack
from flows.engine.outputs import STRETCH, Outputs

ODD: list[Assembly] = [
    None,
    {"n": 1, "물길": ["json", None]},
    -0.0,
    1e22,
    2**63,
    "]",
    ["ref", "a", 1],
    PayloadRef("f" * 64, 40_000),
    ObjectOf({"a": 1, "b": PayloadRef("e" * 64, 50_000)}),
]


def values(count: int) -> list[Assembly]:
    return [ODD[place % len(ODD)] for place in range(count)]


def again(outputs: Outputs) -> Outputs:
    return Outputs.unpacked(orjson.loads(orjson.dumps(outputs.packed())))


@pytest.mark.parametrize("count", [0, 1, STRETCH - 1, STRETCH, STRETCH + 1, 3 * STRETCH, 3 * STRETCH + 7])
@pytest.mark.parametrize("kept", [lambda outputs: outputs, again], ids=["as it is", "from a snapshot"])
def test_what_came_in_any_order_stands_at_its_place(count: int, kept: Callable[[Outputs], Outputs]) -> None:
    given = values(count)
    outputs = Outputs(count)
    for place in random.Random(7).sample(range(count), count):
        outputs[place] = given[place]
        outputs = kept(outputs) if place % 100 == 0 else outputs
    assert len(outputs) == count
    assert list(outputs) == given
    assert list(map(repr, outputs)) == list(map(repr, given))  # -0.0 and 0 are equal


def test_a_place_whose_item_has_not_ended_is_empty_and_one_may_be_filled_twice() -> None:
    outputs = Outputs(2 * STRETCH)
    for place in range(STRETCH):
        outputs[place] = {"n": place}
    outputs[3] = "another"
    outputs[STRETCH + 1] = "alone"
    read = list(again(outputs))
    assert read == list(outputs)
    assert (read[2], read[3], read[4]) == ({"n": 2}, "another", {"n": 4})
    assert read[STRETCH:] == [None, "alone", *[None] * (STRETCH - 2)]


def test_there_is_no_place_beyond_the_list() -> None:
    outputs = Outputs(STRETCH + 1)
    for beyond in (-1, STRETCH + 1):
        with pytest.raises(IndexError):
            outputs[beyond] = 1


def test_a_long_list_is_hardly_larger_than_its_text() -> None:
    count = 40 * STRETCH
    before = sys.getallocatedblocks()
    outputs = Outputs(count)
    for place in range(count):
        outputs[place] = {"n": place, "name": str(place)}
    assert sys.getallocatedblocks() - before < count / 10
    assert len(orjson.dumps(outputs.packed())) < 3 * len(orjson.dumps(list(outputs)))


@pytest.mark.parametrize(
    "value", [*ODD, ListOf([1, PayloadRef("d" * 64, 1)]), ListOver(PayloadRef("c" * 64, 1), {1: {"error": None}})]
)
def test_what_is_packed_says_what_it_is(value: Any) -> None:
    assert unpack(orjson.loads(orjson.dumps(pack(value)))) == value
