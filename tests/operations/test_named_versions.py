"""Versions have names and notes that may be written anew; what they are never changes by it."""

import pytest
from django.test import Client

from flows.errors import BadInput, Forbidden, NotFound
from flows.models import AuditEntry, Version
from flows.operations.publishing import publish
from flows.operations.versions import annotate
from tests.cast import Person, flow


def test_a_version_is_named_when_published_and_named_anew_later(editor: Person) -> None:
    made = flow(editor.actor, published=False)
    version = publish(editor.actor, made.pk, name="  Before \n the sale ", note="as agreed").version
    assert (version.name, version.note) == ("Before the sale", "as agreed")
    annotate(editor.actor, made.pk, 1, name="The sale")
    after = Version.objects.get(pk=version.pk)
    assert (after.name, after.note) == ("The sale", "as agreed")
    assert (after.document, after.hash, after.number) == (version.document, version.hash, 1)


def test_what_a_version_was_called_stays_in_the_audit(editor: Person) -> None:
    made = flow(editor.actor)
    annotate(editor.actor, made.pk, 1, name="First")
    annotate(editor.actor, made.pk, 1, name="First")
    annotate(editor.actor, made.pk, 1, note="really")
    entries = AuditEntry.objects.filter(verb="annotated").order_by("id")
    assert [entry.details["before"] for entry in entries] == [
        {"name": "", "note": "first"},
        {"name": "First", "note": "first"},
    ]


def test_an_operator_names_nothing_and_a_stranger_finds_nothing(
    editor: Person, operator: Person, stranger: Person
) -> None:
    made = flow(editor.actor)
    with pytest.raises(Forbidden):
        annotate(operator.actor, made.pk, 1, name="Mine")
    with pytest.raises(NotFound):
        annotate(stranger.actor, made.pk, 1, name="Mine")
    with pytest.raises(NotFound):
        annotate(editor.actor, made.pk, 2, name="Mine")


def test_a_name_longer_than_a_list_can_show_is_refused(editor: Person) -> None:
    made = flow(editor.actor)
    with pytest.raises(BadInput, match="80 characters"):
        annotate(editor.actor, made.pk, 1, name="n" * 81)


def test_over_http_what_is_not_given_stays_as_it_is(client: Client, editor: Person) -> None:
    made = flow(editor.actor)
    at = f"/api/flows/{made.pk}/versions/1/"
    for body in ({"name": "First"}, {"note": "good"}):
        answer = client.patch(at, body, content_type="application/json", headers=editor.headers)
        assert answer.status_code == 200
    assert {"name": "First", "note": "good"}.items() <= client.get(at, headers=editor.headers).json().items()
    refused = client.patch(at, {"hash": "x"}, content_type="application/json", headers=editor.headers)
    assert refused.status_code == 422
