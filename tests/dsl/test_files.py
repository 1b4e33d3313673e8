"""A document written as a file is read back as itself, and its text is one that reviews are made of."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.dsl import document as document_module
from flows.dsl.canonical import content_hash
from flows.dsl.document import Document, Part
from flows.dsl.files import Listed, Manifest, NotAFlowFile, read_file, read_manifest, write_file, write_manifest
from flows.dsl.read import InvalidDocument, read_document
from flows.dsl.text import NotYaml
from tests.dsl.cast import document, flow, log
from tests.dsl.drawn import FIELDS, documents

HASH = "0" * 64


@given(documents(), st.sampled_from(["Orders", "x", "null", "주문 접수", "a: b"]))
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_with_the_same_hash_and_written_as_the_same_text(written: Document, name: str) -> None:
    text = write_file(written, name=name)
    filed = read_file(text.encode())
    read = read_document(filed.document)
    assert content_hash(read) == content_hash(written)
    assert filed.name == name
    assert write_file(read, name=name) == text


def test_every_field_that_a_document_has_is_drawn() -> None:
    """Else what the properties hold would be said of documents without it."""
    parts = {one for one in vars(document_module).values() if isinstance(one, type) and issubclass(one, Part)} - {Part}
    assert parts == set(FIELDS)
    for part, fields in FIELDS.items():
        assert {field.alias or name for name, field in part.model_fields.items()} == set(fields), part


def test_what_runs_comes_first_and_where_it_is_drawn_comes_last() -> None:
    note = {"id": "hint", "text": "Look here", "position": {"x": 9, "y": 9}}
    raw = flow({"position": {"y": 2, "x": 1.0}, "config": {"level": "info", "message": "hi"}, "type": "log", "id": "a"},
               edges="start>a", notes=[note])  # fmt: skip
    assert write_file(Document.model_validate(raw), name="Orders") == (
        "flow: Orders\n"
        "dsl: 1\n"
        "nodes:\n"
        "- id: start\n"
        "  type: trigger.manual\n"
        "- id: a\n"
        "  type: log\n"
        "  config:\n"
        "    level: info\n"
        "    message: hi\n"
        "edges:\n"
        "- from: start\n"
        "  to: a\n"
        "layout:\n"
        "  nodes:\n"
        "    a:\n"
        "      x: 1\n"
        "      y: 2\n"
        "  notes:\n"
        "  - id: hint\n"
        "    position:\n"
        "      x: 9\n"
        "      y: 9\n"
        "    text: Look here\n"
    )


def test_a_place_of_a_node_that_is_gone_is_dropped() -> None:
    text = write_file(document(log("a", position={"x": 1, "y": 2})), name="Orders")
    assert "position" in str(read_file(text.encode()).document)
    assert read_file(text.replace("id: a\n", "id: b\n").encode()).document == {
        "dsl": 1,
        "nodes": flow(log("b"))["nodes"],
    }


def test_a_plain_document_is_a_file_too() -> None:
    assert read_file(b'{"name": "Orders", "nodes": []}').document == {"name": "Orders", "nodes": []}
    assert read_file(b"nodes: []\n").name == ""


@pytest.mark.parametrize(
    "text",
    ["- a", "just words", "", "flow: [x]\nnodes: []", "layout: 1", "layout: {nodes: 1}", "layout: {other: {}}",
     "notes: []\nlayout: {notes: []}"],
)  # fmt: skip
def test_what_is_no_flow_file_is_said(text: str) -> None:
    with pytest.raises(NotAFlowFile):
        read_file(text.encode())


@pytest.mark.parametrize("place", ["1", "{x: 1}", "{x: 1, y: 1, z: 1}"])
def test_a_place_in_the_layout_is_held_against_its_shape(place: str) -> None:
    filed = read_file(f"nodes: [{{id: a, type: log}}]\nlayout: {{nodes: {{a: {place}}}}}".encode())
    with pytest.raises(InvalidDocument):
        read_document(filed.document)


def test_a_manifest_is_read_as_it_was_written_in_the_order_of_files() -> None:
    rows = [Listed(file="b.yaml", name="B", hash=HASH), Listed(file="a.yaml", name="가", id=UUID(int=7), hash=HASH)]
    text = write_manifest(rows)
    assert read_manifest(text.encode()) == Manifest(flows=[rows[1], rows[0]])
    assert text == write_manifest(reversed(rows))
    assert "live" not in text, "as it was written before it told what is live"


def test_a_manifest_tells_what_is_live_by_the_names_of_environments_so_that_a_release_changes_one_line() -> None:
    def written(**live: int) -> list[str]:
        return write_manifest([Listed(file="a.yaml", name="A", hash=HASH, live=live)]).splitlines()

    before, after = written(staging=4, dev=9, production=3), written(production=4, dev=9, staging=4)
    assert before[-4:] == ["  live:", "    dev: 9", "    production: 3", "    staging: 4"]
    assert [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]] == [
        ("    production: 3", "    production: 4")
    ]
    assert read_manifest("\n".join(before).encode()).flows[0].live == {"dev": 9, "production": 3, "staging": 4}


@pytest.mark.parametrize(
    "file",
    ["../a.yaml", "/etc/a.yaml", "sub/a.yaml", "..\\\\a.yaml", "C:a.yaml", ".a.yaml", "a.txt", "manifest.yaml", ""],
)
def test_a_manifest_that_leads_out_of_its_folder_is_refused(file: str) -> None:
    with pytest.raises(NotAFlowFile):
        read_manifest(f'manifest: 1\nflows: [{{file: "{file}", name: A, hash: "{HASH}"}}]'.encode())


@pytest.mark.parametrize(
    "text",
    [f"manifest: 1\nflows: [{{file: a.yaml, name: A, hash: {HASH}, live: {{dev: newest}}}}]",
     "manifest: 2\nflows: []", "manifest: 1", "[]", "manifest: 1\nflows: [{file: a.yaml, name: A, hash: short}]",
     "a: &x [1]\nb: [*x, *x]", f"manifest: 1\nflows: {[{'file': 'a.yaml', 'name': 'A', 'hash': HASH}] * 2}"],
)  # fmt: skip
def test_what_is_no_manifest_is_said(text: str) -> None:
    with pytest.raises((NotAFlowFile, NotYaml)) as refused:
        read_manifest(text.encode())
    assert "\n" not in refused.value.message
