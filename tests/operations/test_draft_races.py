"""Several people save one draft at the same moment: each save is of what its sender had seen, or is refused."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from flows.models import Draft
from flows.operations.actor import Actor
from flows.operations.documents import from_text
from flows.operations.drafts import StaleDraft, read_draft, save_draft
from tests.cast import CHAIN, flow, person

WRITERS = 6
ROUNDS = 5


def _with_words(document: Any, writer: int, number: int) -> Any:
    return document | {"description": f"{document.get('description', '')}<{writer}.{number}>"}


@pytest.mark.django_db(transaction=True)
def test_of_saves_at_one_moment_one_stands_and_the_others_are_told_the_draft_that_does() -> None:
    editor = person("editor", "editor")
    made = flow(editor.actor, published=False)
    together = Barrier(WRITERS)

    def save(writer: int) -> int:
        together.wait()
        try:
            return save_draft(editor.actor, made.pk, document=_with_words(CHAIN, writer, 0), revision=1).draft.revision
        except StaleDraft as stale:
            return -stale.draft.revision
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        answers = list(pool.map(save, range(WRITERS)))
    assert sorted(answers) == [-2] * (WRITERS - 1) + [2]
    assert f"<{answers.index(2)}.0>" in Draft.objects.get(flow=made).document


@pytest.mark.django_db(transaction=True)
def test_who_reads_again_when_refused_loses_no_word_of_anyone() -> None:
    editor = person("editor", "editor")
    made = flow(editor.actor, published=False)
    together = Barrier(WRITERS)

    def write(writer: int) -> None:
        together.wait()
        try:
            for number in range(ROUNDS):
                _append(editor.actor, made.pk, writer, number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    draft = Draft.objects.get(flow=made)
    said = from_text(draft.document)["description"]
    assert draft.revision == 1 + WRITERS * ROUNDS
    for writer in range(WRITERS):
        assert [said.count(f"<{writer}.{number}>") for number in range(ROUNDS)] == [1] * ROUNDS


def _append(actor: Actor, flow_id: UUID, writer: int, number: int) -> None:
    is_saved = False
    while not is_saved:
        draft = read_draft(actor, flow_id)
        document = _with_words(from_text(draft.document), writer, number)
        with suppress(StaleDraft):
            save_draft(actor, flow_id, document=document, revision=draft.revision)
            is_saved = True
