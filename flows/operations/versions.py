"""Versions as history: listed, read, compared. They are never edited."""

from uuid import UUID

from flows.dsl.diff import Change, diff
from flows.dsl.read import read_document
from flows.errors import NotFound
from flows.models import Draft, Version
from flows.operations import documents
from flows.operations.actor import Actor
from flows.operations.flows import find_flow
from flows.operations.pages import Page, page_of


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


def compare(actor: Actor, flow: UUID, *, before: int, after: int | None) -> list[Change]:
    """What changed from one version to another; `after` None compares with the draft.

    Raises NotFound, and InvalidDocument where the draft has no shape that could be compared.
    """
    first = documents.document_of(find_version(actor, flow, before))
    if after is not None:
        return diff(first, documents.document_of(find_version(actor, flow, after)))
    text = Draft.objects.values_list("document", flat=True).get(flow_id=flow)
    return diff(first, read_document(documents.from_text(text)))
