"""Publishing: a draft becomes a version, which nobody can change, and is released unless asked otherwise."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from flows.dsl.canonical import canonical, content_hash
from flows.dsl.read import InvalidDocument, read_document
from flows.models import Draft, Proposal, Release, Version
from flows.operations import access, audit, documents
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.environments import environment_named, hold
from flows.operations.errors import Archived
from flows.operations.flows import lock_flow
from flows.operations.gates import check_credentials
from flows.operations.proposals import put_forward
from flows.operations.protection import needs_second, require_releaser
from flows.operations.rehearsal import failed_tests
from flows.operations.releases import put_live
from flows.operations.validation import problems_of
from flows.operations.versions import clean_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A new version; `release` is None where it was only published, or waits as a `proposal` for a second person."""

    version: Version
    release: Release | None
    proposal: Proposal | None = None


def publish(actor: Actor, flow: UUID, *, name: str = "", note: str = "", release: bool = True) -> Published:
    """Freeze the draft as the next version, and release it in the default environment.

    Raises InvalidDocument with every problem, failing tests among them, PathTaken, Archived, NotReleaser.
    """
    access.require(actor, Permission.FLOWS_PUBLISH)
    name, note = clean_words(name, note)
    draft = Draft.objects.filter(flow_id=flow, flow__workspace_id=actor.workspace)
    if draft.filter(flow__archived_at__isnull=False).exists():
        raise Archived
    # Tests may take seconds, so they are played before the flow is locked.
    checked = draft.values_list("document", flat=True).first()
    if checked is not None:
        _check(actor, checked)
    return freeze(actor, flow, checked, name=name, note=note, release=release)


@transaction.atomic
def freeze(actor: Actor, flow: UUID, checked: str | None, *, name: str = "", note: str, release: bool) -> Published:
    """Publish what stands as the draft; it is checked here unless it is the text that the caller has checked."""
    found = lock_flow(actor, flow)
    if found.archived_at is not None:
        raise Archived
    text = Draft.objects.values_list("document", flat=True).get(flow=found)
    if text != checked:
        _check(actor, text)
    document = read_document(documents.from_text(text))
    newest = Version.objects.filter(flow=found).aggregate(newest=Max("number"))["newest"] or 0
    version = Version.objects.create(
        flow=found,
        number=newest + 1,
        document=canonical(document).decode(),
        hash=content_hash(document),
        name=name,
        note=note,
        author_id=actor.user,
    )
    audit.record(actor, "published", f"{found.name} v{version.number}", flow=str(flow), hash=version.hash, note=note)
    if not release:
        return Published(version=version, release=None)
    where = hold(environment_named(actor.workspace, None))
    require_releaser(actor, where)
    # Validation takes a name for known that means something in any environment; here it has to.
    check_credentials(version, where)
    if needs_second(found, where, version):
        asked = put_forward(actor, found, version, where, kind=Release.Kind.PUBLISH, reason=note)
        return Published(version=version, release=None, proposal=asked)
    made = put_live(actor, found, version, where, kind=Release.Kind.PUBLISH, reason=note, valid=True)
    return Published(version=version, release=made)


def _check(actor: Actor, text: str) -> None:
    raw = documents.from_text(text)
    problems = list(problems_of(actor, raw)) or failed_tests(read_document(raw))
    if problems:
        raise InvalidDocument(problems)
