"""Versions as history: listed, read, compared, named. Their documents are never edited."""

from typing import Final
from uuid import UUID

from django.db import transaction

from flows.dsl.diff import Change, diff
from flows.dsl.read import read_document
from flows.errors import BadInput, NotFound
from flows.models import Draft, Version
from flows.operations import access, audit, documents
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.flows import find_flow
from flows.operations.pages import Page, page_of

MAX_NAME: Final = 80
MAX_NOTE: Final = 5_000


def list_versions(actor: Actor, flow: UUID, *, cursor: str | None = None, limit: int = 50) -> Page[Version]:
    """Newest first, without their documents."""
    rows = Version.objects.filter(flow=find_flow(actor, flow)).select_related("author").defer("document")
    return page_of(rows, cursor=cursor, limit=limit)


def find_version(actor: Actor, flow: UUID, number: int) -> Version:
    """Raises NotFound."""
    found = (
        Version.objects.filter(flow=find_flow(actor, flow), number=number).select_related("author").first()
        if 0 < number < 2**31
        else None
    )
    if found is None:
        raise NotFound(thing="version")
    return found


@transaction.atomic
def annotate(actor: Actor, flow: UUID, number: int, *, name: str | None = None, note: str | None = None) -> Version:
    """Call a version something, or say something else of it; None leaves either as it is. Raises NotFound, BadInput."""
    access.require(actor, Permission.FLOWS_PUBLISH)
    found = find_version(actor, flow, number)
    before = {"name": found.name, "note": found.note}
    found.name, found.note = clean_words(found.name if name is None else name, found.note if note is None else note)
    if before != {"name": found.name, "note": found.note}:
        found.save(update_fields=["name", "note"])
        audit.record(actor, "annotated", f"{found.flow.name} v{number}", flow=str(flow), before=before, name=found.name)
    return found


def clean_words(name: str, note: str) -> tuple[str, str]:
    """A version's name in one line and its note. Raises BadInput beyond what a list can show."""
    name = " ".join(name.split())
    if len(name) > MAX_NAME:
        raise BadInput(reason=f"a version's name has at most {MAX_NAME} characters")
    if len(note) > MAX_NOTE:
        raise BadInput(reason=f"a note has at most {MAX_NOTE} characters")
    return name, note


def compare(actor: Actor, flow: UUID, *, before: int, after: int | None) -> list[Change]:
    """What changed from one version to another; `after` None compares with the draft.

    Raises NotFound, and InvalidDocument where the draft has no shape that could be compared.
    """
    first = documents.document_of(find_version(actor, flow, before))
    if after is not None:
        return diff(first, documents.document_of(find_version(actor, flow, after)))
    text = Draft.objects.values_list("document", flat=True).get(flow_id=flow)
    return diff(first, read_document(documents.from_text(text)))
