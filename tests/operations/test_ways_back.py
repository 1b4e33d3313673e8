"""Calls that lead back to the flow they are in, found over what is published, with the way that they take."""

from typing import Any

import pytest

from flows.models import Flow
from flows.operations import drafts
from flows.operations.flows import archive_flow
from flows.operations.publishing import publish
from flows.operations.releases import start_canary
from flows.operations.validation import findings_of, problems_of, surroundings
from tests.cast import Person, flow, with_nodes

pytestmark = pytest.mark.django_db

CODE = "calls_itself_by_others"


def calling(*called: str | dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A flow that calls these, one after the other."""
    configs = [{"flow": one} if isinstance(one, str) else one for one in called]
    nodes = [
        {"id": f"c{n}", "type": "flow.call", "config": config, "timeout": "1h"} for n, config in enumerate(configs)
    ]
    return with_nodes({"id": "start", "type": "trigger.manual"}, *nodes, **rest)


def saved(editor: Person, made: Flow, document: dict[str, Any]) -> list[tuple[str | None, str]]:
    """Save the draft; the nodes that lead back, and their ways."""
    revision = drafts.read_draft(editor.actor, made.pk).revision
    result = drafts.save_draft(editor.actor, made.pk, document=document, revision=revision)
    return [(one.node, str(one.params["way"])) for one in result.findings if one.code == CODE]


def release(editor: Person, made: Flow, document: dict[str, Any]) -> None:
    saved(editor, made, document)
    publish(editor.actor, made.pk)


def test_two_that_call_each_other_are_told_with_the_way(editor: Person) -> None:
    a, b = flow(editor.actor, name="A"), flow(editor.actor, name="B")
    assert saved(editor, a, calling("B")) == []
    release(editor, b, calling("A"))
    assert saved(editor, a, calling("B")) == [("c0", "A → B → A")]
    assert saved(editor, a, calling(str(b.pk))) == [("c0", "A → B → A")]
    assert saved(editor, b, calling("A")) == [], "what A calls is no draft"


def test_the_shortest_way_is_told_of_each_call_however_far_it_leads(editor: Person) -> None:
    flows = {name: flow(editor.actor, name=name) for name in "ABCD"}
    release(editor, flows["D"], calling("A"))
    release(editor, flows["C"], calling("D", "C"))
    release(editor, flows["B"], calling("C", "D"))
    told = saved(editor, flows["A"], calling("C", "B"))
    assert told == [("c0", "A → C → D → A"), ("c1", "A → B → D → A")]
    release(editor, flows["D"], with_nodes({"id": "start", "type": "trigger.manual"}))
    assert saved(editor, flows["A"], calling("C", "B")) == []


def test_a_version_that_is_named_is_followed_and_no_other(editor: Person) -> None:
    a, b = flow(editor.actor, name="A"), flow(editor.actor, name="B")
    release(editor, b, calling({"flow": "A", "version": 1}))
    assert saved(editor, a, calling("B")) == [], "version 1 of A calls nobody"
    release(editor, b, calling("A"))
    assert saved(editor, a, calling({"flow": "B", "version": 1})) == []
    assert saved(editor, a, calling({"flow": "B", "version": 2})) == []
    assert saved(editor, a, calling({"flow": "B", "version": 3})) == [("c0", "A → B → A")]
    assert saved(editor, a, calling({"flow": "B", "version": 4})) == [], "there is none"


def test_a_canary_is_followed_too(editor: Person) -> None:
    a, b = flow(editor.actor, name="A"), flow(editor.actor, name="B")
    revision = drafts.read_draft(editor.actor, b.pk).revision
    drafts.save_draft(editor.actor, b.pk, document=calling("A"), revision=revision)
    publish(editor.actor, b.pk, release=False)
    assert saved(editor, a, calling("B")) == []
    start_canary(editor.actor, b.pk, version=2, weight=1, guards={})
    assert saved(editor, a, calling("B")) == [("c0", "A → B → A")]


def test_calls_that_nobody_answers_or_that_expressions_decide_lead_nowhere(editor: Person, stranger: Person) -> None:
    a, b = flow(editor.actor, name="A"), flow(editor.actor, name="B")
    release(editor, b, calling("A"))
    for document in (calling("{{ input.which }}"), calling("nobody"), calling({"flow": "B", "version": "{{ 1 }}"})):
        assert saved(editor, a, document) == []
    flow(stranger.actor, calling("A"), name="Z")
    assert saved(editor, a, calling("Z")) == [], "that is another workspace's"
    archive_flow(editor.actor, b.pk)
    assert saved(editor, a, calling("B")) == []
    for _ in range(2):
        flow(editor.actor, calling("A"), name="Twice")
    assert saved(editor, a, calling("Twice")) == [], "such a call fails, for two have the name"


def test_a_document_of_no_flow_yet_is_known_by_its_name(editor: Person) -> None:
    flow(editor.actor, name="A")
    flow(editor.actor, calling("A"), name="B")
    for name, told in (("A", ["A → B → A"]), ("Other", [])):
        document = calling("B", name=name)
        found = findings_of(document, problems_of(editor.actor, document), surroundings(editor.actor, document))
        assert [one.params["way"] for one in found if one.code == CODE] == told
