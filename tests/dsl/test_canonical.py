import json

from flows.dsl.canonical import canonical, content_hash, plain
from flows.dsl.document import Document
from tests.dsl.cast import document, flow, log


def test_the_order_of_keys_does_not_count() -> None:
    first = Document.model_validate(flow(log("a", label="x", config={"b": 1, "a": {"d": 1, "c": 2}}), edges="start>a"))
    raw = flow({"config": {"a": {"c": 2, "d": 1}, "b": 1}, "label": "x", "type": "log", "id": "a"}, edges="start>a")
    second = Document.model_validate(dict(reversed(raw.items())))
    assert content_hash(first) == content_hash(second)


def test_a_default_that_is_written_out_does_not_count() -> None:
    bare = document(log("a"), edges="start>a")
    full = document(log("a", on_error="fail", join="all", label=""), edges="start>a", settings={"on_failure": "stop"})
    assert content_hash(bare) == content_hash(full)


def test_a_whole_number_is_one_number_however_it_is_written() -> None:
    one, other = (document(log("a", position={"x": x, "y": 0}, config={"n": x})) for x in (1, 1.0))
    assert content_hash(one) == content_hash(other)


def test_true_is_not_one() -> None:
    one, other = (document(log("a", config={"n": value})) for value in (1, True))
    assert content_hash(one) != content_hash(other)


def test_a_position_a_note_and_a_label_count() -> None:
    plain_one = document(log("a"))
    moved = document(log("a", position={"x": 1, "y": 0}))
    noted = document(log("a"), notes=[{"id": "n", "position": {"x": 0, "y": 0}}])
    labelled = document(log("a", label="A"))
    assert len({content_hash(one) for one in (plain_one, moved, noted, labelled)}) == 4


def test_the_order_of_nodes_counts() -> None:
    assert content_hash(document(log("a"), log("b"))) != content_hash(document(log("b"), log("a")))


def test_the_canonical_text_reads_back_as_the_same_document() -> None:
    whole = document(
        log("a", config={"x": [1.5, None, "물길", {"z": -0.0}]}, retry={"max_attempts": 2}, join={"count": 1}),
        edges="start>a a.compensate>a",
        settings={"concurrency": {"limit": 2}},
        pins={"a": {"k": [1]}},
    )
    assert Document.model_validate(json.loads(canonical(whole))) == whole


def test_the_hash_is_the_same_on_every_machine() -> None:
    assert content_hash(document()) == "83b488025b2443a11f29919ac34a691972b8c1aa6475eeb5da0ac7d00b379d14"
    assert canonical(document()) == b'{"dsl":1,"nodes":[{"id":"start","type":"trigger.manual"}]}'


def test_what_stands_at_its_default_is_left_out() -> None:
    assert plain(document(log("a"), edges="start>a")) == {
        "dsl": 1,
        "nodes": [{"id": "start", "type": "trigger.manual"}, {"id": "a", "type": "log"}],
        "edges": [{"from": "start", "to": "a"}],
    }
