"""Flows out into files and in from files, whole or not at all.

What comes in is planned first, without writing: new, changed, the same, or refused with its reason. The plan is what
people see, and what is then carried out in one transaction. Where files come from and go to is a face's business.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from flows.dsl.canonical import content_hash, plain
from flows.dsl.diff import Change, diff
from flows.dsl.document import Document
from flows.dsl.files import MANIFEST, MAX_BYTES, MAX_FILES, Listed, check_name, read_file, read_manifest, write_file
from flows.dsl.files import write_manifest as manifest_text
from flows.dsl.read import InvalidDocument, read_document
from flows.dsl.validate import Problem
from flows.errors import BadInput, Conflict, LimitExceeded, MulgilError, NotFound, phrase
from flows.models import Flow, Live, Version, Workspace
from flows.nodes.installed import catalogue
from flows.operations import access, audit, documents
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.drafts import save_draft
from flows.operations.flows import clean_name, create_flow, rename_flow
from flows.operations.proposals import awaited_versions
from flows.operations.publishing import freeze
from flows.operations.rehearsal import failed_tests
from flows.operations.saying import phrase_of
from flows.operations.validation import problems_of
from flows.security.limits import LIMITS, MIB

_FOR_MANIFEST: Final = MIB
_SLUG: Final = 60
SEVERAL: Final = "{count} flows are named {name}; a manifest with the flow's id says which is meant"
What = Literal["new", "changed", "same"]


class TooMuch(LimitExceeded):
    """These files are too many or too large: {what} is over the limit of {limit}."""

    code = "too_much"
    status = 413
    hint = "Take fewer at a time."


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a file can't be taken in; the reason is a phrase."""

    file: str
    reason: str


class ImportRefused(BadInput):
    """Nothing was taken in. Of the files, {count} can't be; the first is {first}"""

    code = "import_refused"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(count=len(self.faults), first=phrase("{value}: {why}", value=first.file, why=first.reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What taking in one file would do. `flow` and `revision` are None of a new flow; `before` is a name it loses.

    `differences` are those from the draft that stands; None where that is no document, and is replaced whole.
    `unbound` are the credentials it names that the workspace doesn't have.
    """

    file: str
    name: str
    what: What
    document: Document
    flow: UUID | None = None
    revision: int | None = None
    before: str = ""
    differences: Sequence[Change] | None = ()
    unknown_types: Sequence[str] = ()
    problems: Sequence[Problem] = ()
    unbound: Sequence[str] = ()
    publishes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`left_out` are files of the folder that its manifest doesn't list."""

    entries: Sequence[Entry] = ()
    faults: Sequence[Fault] = ()
    left_out: Sequence[str] = ()

    @property
    def changes(self) -> int:
        """How many flows it would change."""
        return sum(one.what != "same" or one.publishes for one in self.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A file's flow after it was taken in; `version` is None where nothing was published, `waits` says that a second
    person has to look before it is live.
    """

    entry: Entry
    flow: UUID
    version: int | None
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    file: str
    name: str
    document: Document
    id: UUID | None = None


def export_flows(
    actor: Actor, flows: Sequence[UUID] | None = None, *, live: bool = False, awaited: Collection[str] = ()
) -> dict[str, str]:
    """The texts of these flows, archived ones too (without them of all that are not), by file name, and the manifest's.

    `live`: what is live instead of the drafts, or a version of one of the hashes `awaited` that waits for a second person
    to be so. Raises NotFound, and BadInput naming the flow whose draft is no document,
    TooMuch for more than could be taken in again.
    """
    access.require(actor, Permission.FLOWS_READ)
    rows = Flow.objects.filter(workspace_id=actor.workspace)
    found = rows.select_related("draft").order_by("created_at", "pk")
    found = found.filter(archived_at__isnull=True) if flows is None else found.filter(pk__in=flows)
    if flows is not None and found.count() < len(set(flows)):
        raise NotFound(thing="flow")
    if (count := found.count()) > MAX_FILES:
        raise TooMuch(what=phrase("the number of flows, {count},", count=count), limit=MAX_FILES)
    size, lives = 0, _lives(actor.workspace)
    waiting = {flow: one for flow, one in awaited_versions(actor.workspace).items() if one.hash in awaited}
    texts: dict[str, str] = {}
    listed: list[Listed] = []
    for flow in found.iterator(chunk_size=50):
        document = _standing(flow, live, waiting.get(flow.pk))
        if document is None:
            continue
        file = _file_name(flow, texts)
        texts[file] = write_file(document, name=flow.name)
        size += len(texts[file].encode())
        if size > MAX_BYTES - _FOR_MANIFEST:
            raise TooMuch(what=phrase("their size"), limit=MAX_BYTES - _FOR_MANIFEST)
        told = {"name": flow.name, "hash": content_hash(document), "live": lives[flow.pk]}
        listed.append(Listed(file=file, id=flow.pk, **told))
    texts[MANIFEST] = manifest_text(listed)
    # Of many flows that are live in many environments it is longer than what was kept free for it.
    if size + len(texts[MANIFEST].encode()) > MAX_BYTES:
        raise TooMuch(what=phrase("their size"), limit=MAX_BYTES)
    return texts


def plan_import(actor: Actor, files: Mapping[str, bytes], *, publish: bool = False) -> Plan:
    """What taking in these files (by name, a manifest among them or not) would do. Writes nothing. Raises TooMuch."""
    access.require(actor, Permission.FLOWS_READ)
    _measure(files)
    try:
        manifest = read_manifest(files[MANIFEST]) if MANIFEST in files else None
    except MulgilError as error:
        return Plan(faults=[Fault(file=MANIFEST, reason=phrase_of(error))])
    given = sorted(files.keys() - {MANIFEST})
    wanted = [Listed.model_construct(file=file, name="", hash="") for file in given]
    wanted = manifest.flows if manifest is not None else wanted
    read: list[_Read] = []
    faults: list[Fault] = []
    for one in wanted:
        try:
            read.append(_read(one, files))
        except MulgilError as error:
            faults.append(Fault(file=one.file, reason=phrase_of(error)))
    entries = _entries(actor, read, faults, publish)
    listed = {one.file for one in wanted}
    return Plan(entries=entries, faults=faults, left_out=[file for file in given if file not in listed])


def import_flows(actor: Actor, plan: Plan) -> list[Taken]:
    """Carry out a plan, whole or not at all.

    Raises ImportRefused, StaleDraft where a draft was saved since the plan was made, and what publishing raises.
    """
    access.require(actor, Permission.FLOWS_WRITE)
    if any(one.publishes for one in plan.entries):
        access.require(actor, Permission.FLOWS_PUBLISH)
    if plan.faults:
        raise ImportRefused(plan.faults)
    with transaction.atomic():
        _alone(actor, plan)
        taken = [_take(actor, one) for one in plan.entries]
        if plan.changes:
            changed = [one.file for one in plan.entries if one.what != "same" or one.publishes]
            audit.record(actor, "imported", f"{plan.changes} flows", files=changed)
    return taken


def _standing(flow: Flow, live: bool, waiting: Version | None) -> Document | None:
    if live:
        version = waiting or (flow.live and flow.live.version)
        return documents.document_of(version) if version else None
    try:
        return read_document(documents.from_text(flow.draft.document))
    except InvalidDocument as error:
        said = phrase(
            "the draft of {name} can't be written as a file: {reason}", name=flow.name, reason=phrase_of(error)
        )
        raise BadInput(reason=said) from None


def _lives(workspace: UUID) -> Mapping[UUID, dict[str, int]]:
    """Which version of each flow is live in each environment, by the environments' names."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    rows = Live.objects.filter(flow__workspace_id=workspace)
    for flow, environment, version in rows.values_list("flow_id", "environment__name", "release__version__number"):
        found[flow][environment] = version
    return found


def _file_name(flow: Flow, taken: Mapping[str, str]) -> str:
    """From the flow's name; with the end of its id where another has taken it. The oldest keeps the plain one."""
    slug = re.sub(r"[^\w-]", "", slugify(flow.name, allow_unicode=True))[:_SLUG].strip("-_") or "flow"
    plainly = f"{slug}.yaml"
    return f"{slug}-{flow.pk.hex[-8:]}.yaml" if plainly in taken or plainly == MANIFEST else plainly


def _measure(files: Mapping[str, bytes]) -> None:
    if len(files) > MAX_FILES + 1:
        raise TooMuch(what=phrase("the number of files, {count},", count=len(files)), limit=MAX_FILES)
    size = sum(len(data) for data in files.values())
    if size > MAX_BYTES:
        raise TooMuch(what=phrase("their size, {size} bytes,", size=size), limit=MAX_BYTES)


def _read(listed: Listed, files: Mapping[str, bytes]) -> _Read:
    check_name(listed.file)
    if listed.file not in files:
        raise BadInput(reason=phrase("the manifest lists it, but there is no such file"))
    filed = read_file(files[listed.file])
    nodes = filed.document.get("nodes") if isinstance(filed.document, dict) else None
    if isinstance(nodes, list) and len(nodes) > LIMITS.document_nodes:
        raise LimitExceeded(what=phrase("the number of nodes"), size=len(nodes), limit=LIMITS.document_nodes)
    document = read_document(filed.document)
    documents.to_text(plain(document))
    found = content_hash(document)
    if listed.hash and found != listed.hash:
        raise BadInput(
            reason=phrase(
                "its hash is {found} and the manifest says {listed}; to take in a file that was changed by hand, name the "
                "file and not the folder",
                found=found[:12],
                listed=listed.hash[:12],
            )
        )
    name = filed.name or listed.name or listed.file.rpartition(".")[0]
    return _Read(file=listed.file, name=clean_name(name), document=document, id=listed.id)


def _entries(actor: Actor, read: Sequence[_Read], faults: list[Fault], publish: bool) -> list[Entry]:
    rows = Flow.objects.filter(workspace_id=actor.workspace, archived_at__isnull=True)
    found = rows.filter(Q(pk__in=[one.id for one in read if one.id]) | Q(name__in=[one.name for one in read]))
    flows = list(found.select_related("draft").order_by("created_at", "pk"))
    named = Counter(flow.name for flow in flows)
    by_id, by_name = {flow.pk: flow for flow in flows}, {flow.name: flow for flow in flows}
    waiting = awaited_versions(actor.workspace) if publish else {}
    entries: list[Entry] = []
    seen: dict[UUID | str, str] = {}
    for one in read:
        flow = by_id.get(one.id) if one.id else None
        if flow is None and named[one.name] > 1:
            faults.append(Fault(file=one.file, reason=phrase(SEVERAL, count=named[one.name], name=one.name)))
            continue
        flow = flow or by_name.get(one.name)
        other = seen.setdefault(flow.pk if flow else one.name, one.file)
        if other != one.file:
            faults.append(Fault(file=one.file, reason=phrase("it is the same flow as {other}", other=other)))
            continue
        entry = _entry(actor, one, flow, waiting, publish=publish)
        if entry.publishes and entry.problems:
            first, count = entry.problems[0], len(entry.problems)
            why = phrase(first.template, **first.params)
            reason = phrase("it can't be published: {first} ({count} problems)", first=why, count=count)
            faults.append(Fault(file=one.file, reason=reason))
        entries.append(entry)
    return entries


def _entry(actor: Actor, one: _Read, flow: Flow | None, waiting: Mapping[UUID, Version], *, publish: bool) -> Entry:
    known = catalogue()
    unknown = sorted({node.type for node in one.document.nodes if known.get(node.type) is None})
    wanted = content_hash(one.document)
    standing = (flow.live and flow.live.version, waiting.get(flow.pk)) if flow is not None else ()
    publishes = publish and wanted not in [version.hash for version in standing if version]
    problems = problems_of(actor, plain(one.document))
    if publishes and not problems:
        problems = failed_tests(one.document)
    what, differences = _compared(one, flow)
    return Entry(
        file=one.file,
        name=one.name,
        what=what,
        document=one.document,
        flow=flow.pk if flow else None,
        revision=flow.draft.revision if flow else None,
        before=flow.name if flow and flow.name != one.name else "",
        differences=differences,
        unknown_types=unknown,
        problems=problems,
        unbound=_unbound(one.document, problems),
        publishes=publishes,
    )


def _unbound(document: Document, problems: Sequence[Problem]) -> list[str]:
    nodes = {problem.node for problem in problems if problem.code == "unknown_credential"}
    return sorted({node.credential for node in document.nodes if node.credential and node.id in nodes})


def _compared(one: _Read, flow: Flow | None) -> tuple[What, Sequence[Change] | None]:
    if flow is None:
        return "new", ()
    try:
        draft = read_document(documents.from_text(flow.draft.document))
    except InvalidDocument:
        return "changed", None
    if content_hash(draft) == content_hash(one.document):
        return "same" if flow.name == one.name else "changed", ()
    return "changed", diff(draft, one.document)


def _alone(actor: Actor, plan: Plan) -> None:
    """Imports into one workspace happen one after the other, so that two can't both make the same new flow."""
    Workspace.objects.select_for_update(no_key=True).get(pk=actor.workspace)
    new = [one.name for one in plan.entries if one.what == "new"]
    made = Flow.objects.filter(workspace_id=actor.workspace, archived_at__isnull=True, name__in=new).first()
    if made is not None:
        raise Conflict(reason=phrase("A flow named {name} was made meanwhile; nothing was taken in.", name=made.name))


def _take(actor: Actor, entry: Entry) -> Taken:
    document = plain(entry.document)
    flow = entry.flow
    if flow is None:
        flow = create_flow(actor, name=entry.name, document=document).pk
    elif entry.what == "changed" or entry.publishes:
        assert entry.revision is not None  # a flow that stands has a draft
        save_draft(actor, flow, document=document, revision=entry.revision)
        if entry.before:
            rename_flow(actor, flow, name=entry.name)
    if not entry.publishes:
        return Taken(entry=entry, flow=flow, version=None)
    text = documents.to_text(document)
    made = freeze(actor, flow, text, note=f"Imported from {entry.file}", release=True)
    return Taken(entry=entry, flow=flow, version=made.version.number, waits=made.proposal is not None)
