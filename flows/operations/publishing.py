"""Publishing: a draft becomes a version, which nobody can change, and is released unless asked otherwise."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from flows.dsl.canonical import canonical, content_hash
from flows.dsl.read import InvalidDocument, read_document
from flows.errors import BadInput
from flows.models import Draft, Release, Version
from flows.operations import access, audit, documents
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.errors import Archived
from flows.operations.flows import lock_flow
from flows.operations.releases import put_live
from flows.operations.validation import problems_of

MAX_NOTE: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A new version; `release` is None where it was only published."""

    version: Version
    release: Release | None


@transaction.atomic
def publish(actor: Actor, flow: UUID, *, note: str = "", release: bool = True) -> Published:
    """Freeze the draft as the next version. Raises InvalidDocument with every problem, PathTaken, Archived."""
    access.require(actor, Permission.FLOWS_PUBLISH)
    if len(note) > MAX_NOTE:
        raise BadInput(reason=f"a note has at most {MAX_NOTE} characters")
    found = lock_flow(actor, flow)
    if found.archived_at is not None:
        raise Archived
    raw = documents.from_text(Draft.objects.values_list("document", flat=True).get(flow=found))
    problems = problems_of(actor, raw)
    if problems:
        raise InvalidDocument(problems)
    document = read_document(raw)
    newest = Version.objects.filter(flow=found).aggregate(newest=Max("number"))["newest"] or 0
    version = Version.objects.create(
        flow=found,
        number=newest + 1,
        document=canonical(document).decode(),
        hash=content_hash(document),
        note=note,
        author_id=actor.user,
    )
    audit.record(actor, "published", f"{found.name} v{version.number}", flow=str(flow), hash=version.hash, note=note)
    made = put_live(actor, found, version, kind=Release.Kind.PUBLISH, reason=note) if release else None
    return Published(version=version, release=made)
