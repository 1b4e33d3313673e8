import pytest

from flows.errors import NotFound
from flows.models import Draft
from flows.operations.documents import DocumentTooLarge
from flows.operations.drafts import StaleDraft, read_draft, save_draft
from tests.cast import CHAIN, Person, flow


def test_a_save_raises_the_revision_and_tells_problems(editor: Person) -> None:
    made = flow(editor.actor, published=False)
    broken = CHAIN | {"edges": [{"from": "start", "to": "nowhere"}]}
    saved = save_draft(editor.actor, made.pk, document=broken, revision=1)
    assert saved.draft.revision == 2
    assert "unknown_node" in {problem.code for problem in saved.problems}


def test_a_stale_save_is_refused_even_with_an_identical_body(editor: Person) -> None:
    made = flow(editor.actor, published=False)
    save_draft(editor.actor, made.pk, document=CHAIN, revision=1)
    with pytest.raises(StaleDraft) as refused:
        save_draft(editor.actor, made.pk, document=CHAIN, revision=1)
    assert refused.value.draft.revision == 2
    assert Draft.objects.get(flow=made).revision == 2


def test_a_strangers_save_finds_nothing(editor: Person, stranger: Person) -> None:
    made = flow(editor.actor, published=False)
    with pytest.raises(NotFound):
        save_draft(stranger.actor, made.pk, document=CHAIN, revision=1)
    with pytest.raises(NotFound):
        read_draft(stranger.actor, made.pk)


def test_a_document_over_two_mebibytes_is_refused(editor: Person) -> None:
    made = flow(editor.actor, published=False)
    with pytest.raises(DocumentTooLarge):
        save_draft(editor.actor, made.pk, document=CHAIN | {"description": "x" * 3_000_000}, revision=1)


def test_the_document_is_kept_as_it_was_sent(editor: Person) -> None:
    made = flow(editor.actor, published=False)
    odd = CHAIN | {"pins": {"one": {"b": 1e22, "a": -0.0}}, "zzz": "<img onerror=alert(1)>", "__proto__": {"a": 1}}
    save_draft(editor.actor, made.pk, document=odd, revision=1)
    text = Draft.objects.get(flow=made).document
    assert '{"b":1e+22,"a":-0.0}' in text
    assert "__proto__" in text
