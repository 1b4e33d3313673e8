"""A version is append-only in the database too: no statement edits one, whoever sends it."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from flows.models import Version
from flows.operations.versions import annotate
from tests.cast import Person, flow

KEPT = ("flow_id", "number", "hash", "document")


@pytest.mark.parametrize(
    "change",
    [
        "number = 9",
        "hash = repeat('0', 64)",
        "document = '{}'",
        "document = '{}', pruned_at = now()",
        "document = document || ' '",
        "flow_id = gen_random_uuid()",
        "id = gen_random_uuid()",
    ],
)
def test_no_statement_edits_what_was_published(editor: Person, change: str) -> None:
    made = flow(editor.actor)
    before = made.versions.values_list(*KEPT).get()
    with pytest.raises(DatabaseError, match="is never edited: v1"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE flows_version SET {change}")  # of the list above
    assert made.versions.values_list(*KEPT).get() == before


def test_its_name_and_note_may_be_written_again_and_its_text_pruned_for_ever(editor: Person) -> None:
    made = flow(editor.actor)
    annotate(editor.actor, made.pk, 1, name="Easter", note="until Monday")
    rows = Version.objects.filter(flow=made)
    with pytest.raises(DatabaseError, match="flows_version_text"), transaction.atomic():
        rows.update(document="")
    text = rows.get().document
    assert rows.update(pruned_at=Now()) == 1
    assert rows.update(document="") == 1
    with pytest.raises(DatabaseError, match="is never edited"), transaction.atomic():
        rows.update(document=text)
    with pytest.raises(DatabaseError, match="flows_version_text"), transaction.atomic():
        rows.update(pruned_at=None)
    kept = rows.get()
    assert (kept.name, kept.note, kept.number, kept.document) == ("Easter", "until Monday", 1, "")
