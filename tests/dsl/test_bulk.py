"""Large documents: the collector waits while they are made, and the work grows with them and no faster."""

import ast
import cProfile
import gc
import pstats
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from bench import documents
from flows.dsl.bulk import LARGE, without_collecting
from flows.dsl.canonical import content_hash
from flows.dsl.read import read_document
from flows.dsl.validate import validate
from flows.engine.integrity import examine
from flows.expr import syntax
from flows.expr.references import paths_in
from flows.nodes.installed import catalogue
from flows.operations.validation import findings_of


def test_the_collector_waits_for_what_is_large_and_goes_on_afterwards() -> None:
    with without_collecting(LARGE - 1):
        assert gc.isenabled()
    with pytest.raises(KeyError), without_collecting(LARGE):
        raise KeyError(gc.isenabled())
    assert gc.isenabled()
    with without_collecting(LARGE):
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_last_of_several_who_make_something_sets_it_going_again() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def make() -> None:
        with without_collecting(LARGE):
            begun.set()
            may_end.wait(30)

    thread = threading.Thread(target=make)
    with without_collecting(LARGE):
        thread.start()
        assert begun.wait(30)
    assert not gc.isenabled(), "the other is still at it"
    may_end.set()
    thread.join(30)
    assert gc.isenabled()


def test_a_process_that_had_it_off_keeps_it_off() -> None:
    gc.disable()
    try:
        with without_collecting(LARGE), without_collecting(LARGE):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def undone(count: int) -> dict[str, Any]:
    """A chain in which every step has an undo."""
    made = documents.chain(count // 2)
    for number in range(count // 2 - 1):
        made["nodes"].append({"id": f"u{number}", "type": "data.set", "config": {"fields": {"n": 1}}})
        made["edges"].append({"from": f"s{number}", "port": "compensate", "to": f"u{number}"})
    return made | {"settings": {"on_failure": "compensate"}}


def misspelt(count: int) -> dict[str, Any]:
    """Every node reads one that isn't there."""
    made = documents.grid(count)
    for node in made["nodes"][1:]:
        node["config"] = {"fields": {"v": f"{{{{ nodes.x{node['id']}.v }}}}"}}
    return made


SHAPES: dict[str, Callable[[int], dict[str, Any]]] = {
    "chain": documents.chain,
    "fan-out": documents.fan_out,
    "grid": documents.grid,
    "undone": undone,
    "misspelt": misspelt,
}


def calls(document: dict[str, Any]) -> int:
    """How many functions are called to say all that is wrong with a document."""

    def look() -> None:
        if not validate(document, catalogue(), ()):
            read = read_document(document)
            content_hash(read)
            examine(read, catalogue())

    profile = cProfile.Profile()
    profile.runcall(look)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]  # typeshed doesn't know it


@pytest.mark.parametrize("shape", SHAPES)
def test_twice_as_many_nodes_are_twice_the_work(shape: str) -> None:
    catalogue()
    calls(SHAPES[shape](20))  # what is learnt once
    small, large = calls(SHAPES[shape](400)), calls(SHAPES[shape](800))
    assert large < 2.2 * small


def worded(count: int) -> dict[str, Any]:
    """Every node computes with the one before, in words of its own."""
    made = documents.chain(count)
    for number, node in enumerate(made["nodes"][1:]):
        node["config"] = {"fields": {"n": f"{{{{ max(nodes.{made['nodes'][number]['id']}.n, {number}) }}}}"}}
    made["nodes"][1]["config"] = {"fields": {"n": "{{ abs(input.n) }}"}}
    return made


def test_each_expression_is_parsed_once_to_say_all_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    document = worded(200)
    parsed: Counter[str] = Counter()
    parse = syntax._parse

    def counted(text: str) -> ast.expr:
        parsed[text] += 1
        return parse(text)

    monkeypatch.setattr(syntax, "_parse", counted)
    paths_in.cache_clear()
    assert findings_of(document, validate(document, catalogue(), ())) == []
    assert len(parsed) == 200
    assert set(parsed.values()) == {1}
