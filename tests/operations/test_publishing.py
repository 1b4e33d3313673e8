import pytest

from flows.dsl.canonical import content_hash
from flows.dsl.read import InvalidDocument, read_document
from flows.errors import Forbidden
from flows.models import AuditEntry, Flow, Release
from flows.operations.documents import document_of
from flows.operations.drafts import save_draft
from flows.operations.errors import Archived
from flows.operations.flows import archive_flow
from flows.operations.publishing import publish
from tests.cast import CHAIN, Person, flow


def test_publishing_freezes_the_draft_and_releases_it(editor: Person) -> None:
    made = flow(editor.actor, published=False)
    published = publish(editor.actor, made.pk, note="first")
    assert published.version.number == 1
    assert published.version.hash == content_hash(read_document(CHAIN))
    assert document_of(published.version) == read_document(CHAIN)
    assert Flow.objects.get(pk=made.pk).live == published.release


def test_a_later_draft_changes_no_version(editor: Person) -> None:
    made = flow(editor.actor)
    save_draft(editor.actor, made.pk, document=CHAIN | {"description": "new"}, revision=1)
    second = publish(editor.actor, made.pk)
    assert [v.number for v in made.versions.order_by("number")] == [1, 2]
    assert made.versions.get(number=1).hash != second.version.hash


def test_a_document_that_cannot_run_cannot_be_published(editor: Person) -> None:
    made = flow(editor.actor, CHAIN | {"nodes": [{"id": "a", "type": "no.such"}], "edges": []}, published=False)
    with pytest.raises(InvalidDocument) as refused:
        publish(editor.actor, made.pk)
    assert "unknown_type" in {problem.code for problem in refused.value.problems}
    assert not made.versions.exists()


def test_publishing_without_release_leaves_the_live_version(editor: Person) -> None:
    made = flow(editor.actor)
    publish(editor.actor, made.pk, release=False)
    assert Release.objects.filter(flow=made).count() == 1


def test_an_archived_flow_is_not_published(editor: Person) -> None:
    made = flow(editor.actor)
    archive_flow(editor.actor, made.pk)
    with pytest.raises(Archived):
        publish(editor.actor, made.pk)


def test_an_operator_may_not_publish(editor: Person, operator: Person) -> None:
    made = flow(editor.actor)
    with pytest.raises(Forbidden):
        publish(operator.actor, made.pk)


def test_publishing_stands_in_the_audit(editor: Person) -> None:
    flow(editor.actor)
    assert AuditEntry.objects.filter(verb="published", actor="editor").count() == 1
