"""The draft: the one editable document of a flow, saved as people type, compared and set by its revision.

Saves stand in no audit: there are many, and the draft itself says who saved last and when.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from flows.errors import NotFound
from flows.models import Draft
from flows.operations import access, documents
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.errors import StaleRevision
from flows.operations.flows import tell_watchers
from flows.operations.validation import Finding, Problem, findings_of, problems_of, surroundings
from flows.security.safejson import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedDraft:
    draft: Draft
    document: Json
    problems: Sequence[Problem]
    findings: Sequence[Finding]


class StaleDraft(StaleRevision):
    """The draft was saved as revision {current} meanwhile; you sent {sent}."""

    def __init__(self, *, draft: Draft, sent: int) -> None:
        self.draft = draft
        super().__init__(current=draft.revision, sent=sent)


def read_draft(actor: Actor, flow: UUID) -> Draft:
    """Raises NotFound."""
    access.require(actor, Permission.FLOWS_READ)
    return _find(actor, flow)


def save_draft(actor: Actor, flow: UUID, *, document: Json, revision: int) -> SavedDraft:
    """Save if `revision` is still the current one, and say what is wrong with the document.

    Raises StaleDraft with the draft that stands otherwise, even where the bodies are alike.
    """
    access.require(actor, Permission.FLOWS_WRITE)
    text = documents.to_text(document)
    with transaction.atomic():
        # Of this table alone: with a join Django asks in a subquery, which PostgreSQL does not ask again after it
        # waited for another's save, and both would be taken. A stranger's is undone by what _find raises.
        saved = Draft.objects.filter(flow_id=flow, revision=revision).update(
            document=text, revision=F("revision") + 1, updated_by_id=actor.user, updated_at=timezone.now()
        )
        draft = _find(actor, flow)
        if not saved:
            raise StaleDraft(draft=draft, sent=revision)
        tell_watchers(flow)
    problems = problems_of(actor, document)
    findings = findings_of(document, problems, surroundings(actor, document, draft.flow))
    return SavedDraft(draft=draft, document=document, problems=problems, findings=findings)


def _find(actor: Actor, flow: UUID) -> Draft:
    found = Draft.objects.filter(flow_id=flow, flow__workspace_id=actor.workspace).select_related("updated_by").first()
    if found is None:
        raise NotFound(thing="flow")
    return found
