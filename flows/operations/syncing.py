"""Flows here and flows in a folder elsewhere, brought together by what both were when they last agreed.

Decides, flow by flow, which side has changed and which has to follow; where both have, that is a conflict and nobody's
work is overwritten. Where the folder lies, and how its history is kept, is not known here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from flows.dsl.canonical import content_hash
from flows.dsl.diff import Change, diff
from flows.dsl.document import Document
from flows.dsl.files import MANIFEST, MAX_FILES, Listed, read_file, read_manifest, write_manifest
from flows.dsl.read import read_document
from flows.errors import BadInput, phrase
from flows.operations.exchange import SEVERAL, TooMuch

What = Literal["same", "out", "in", "remove", "archive", "conflict"]
Side = Literal["ours", "theirs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One flow in one state: `file` and `text` as it stands there."""

    file: str
    name: str
    document: Document
    text: bytes = field(repr=False)

    @property
    def sameness(self) -> tuple[str, str]:
        """What two copies share that are the same: their name and hash; never how their files are laid out."""
        return self.name, content_hash(self.document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is to be done about one flow: taken `in`, written `out`, its file `remove`d, the flow `archive`d here."""

    what: What
    flow: UUID | None
    ours: Copy | None
    theirs: Copy | None
    base: Copy | None

    @property
    def name(self) -> str:
        return next(copy.name for copy in (self.ours, self.theirs, self.base) if copy is not None)

    def changes(self, side: Side) -> list[Change] | None:
        """What this side changed since both agreed; None where it took the flow away or there was none to compare."""
        now = self.ours if side == "ours" else self.theirs
        return None if now is None or self.base is None else diff(self.base.document, now.document)


Copies = Mapping[UUID | str, Copy]
"""By the flow's id, or by its name where the manifest knows no id."""


def copies_of(files: Mapping[str, bytes]) -> dict[UUID | str, Copy]:
    """The flows of a folder. A file that was edited by hand counts as it is: the manifest tells ids, not hashes.

    Raises what reading a file raises, InvalidDocument, and BadInput naming two files of one flow.
    """
    if len(files) > MAX_FILES + 1:
        raise TooMuch(what=f"the number of files, {len(files)},", limit=MAX_FILES)
    listed = {one.file: one for one in read_manifest(files[MANIFEST]).flows} if MANIFEST in files else {}
    found: dict[UUID | str, Copy] = {}
    for file in sorted(files.keys() - {MANIFEST}):
        filed = read_file(files[file])
        known = listed.get(file)
        name = filed.name or (known.name if known else file.rpartition(".")[0])
        copy = Copy(file=file, name=name, document=read_document(filed.document), text=files[file])
        key = known.id if known and known.id else name
        if key in found:
            raise _one_flow(found[key], copy)
        found[key] = copy
    return found


def compare(ours: Copies, theirs: Copies, base: Copies, *, prefer: Side | None = None) -> list[Step]:
    """One step per flow of any side; with `prefer` a conflict is settled for that side.

    Raises BadInput where two of their files are one flow of ours, or one might be any of several.
    """
    theirs = _by_our_ids(theirs, ours, base)
    steps = []
    for key in _in_order(ours, theirs, base):
        mine, other, both = ours.get(key), theirs.get(key), base.get(key)
        what = _what(mine, other, both)
        if what == "conflict" and prefer is not None:
            what = _settled(mine, other, prefer)
        flow = key if isinstance(key, UUID) else None
        steps.append(Step(what=what, flow=flow, ours=mine, theirs=other, base=both))
    return steps


def files_to_take(steps: list[Step]) -> dict[str, bytes]:
    """The files that are to be taken in, with a manifest that says which flows they are and what they hold now."""
    taken = [(step.flow, step.theirs) for step in steps if step.what == "in" and step.theirs is not None]
    listed = [Listed(file=copy.file, name=copy.name, id=flow, hash=content_hash(copy.document)) for flow, copy in taken]
    return {copy.file: copy.text for _, copy in taken} | {MANIFEST: write_manifest(listed).encode()}


def _by_our_ids(theirs: Copies, ours: Copies, base: Copies) -> dict[UUID | str, Copy]:
    """A flow told by its name alone, or by an id that another installation gave it, is ours of that name, if we have one."""
    named: dict[str, list[UUID | str]] = defaultdict(list)
    for key, copy in ours.items():
        named[copy.name].append(key)
    found = {key: copy for key, copy in theirs.items() if key in ours or key in base}
    for key, copy in theirs.items():
        if key in found:
            continue
        keys = named.get(copy.name, [key])
        if len(keys) > 1:
            raise BadInput(reason=phrase(SEVERAL, count=len(keys), name=copy.name))
        if keys[0] in found:
            raise _one_flow(found[keys[0]], copy)
        found[keys[0]] = copy
    return found


def _one_flow(one: Copy, other: Copy) -> BadInput:
    why = phrase("it is the same flow as {other}", other=one.file)
    return BadInput(reason=phrase("{value}: {why}", value=other.file, why=why))


def _in_order(*sides: Copies) -> Iterator[UUID | str]:
    seen: set[UUID | str] = set()
    for side in sides:
        for key in side:
            if key not in seen:
                seen.add(key)
                yield key


def _what(ours: Copy | None, theirs: Copy | None, base: Copy | None) -> What:
    mine, other, both = (None if copy is None else copy.sameness for copy in (ours, theirs, base))
    if mine == other:
        return "same"
    if other == both:
        return "out" if ours is not None else "remove"
    if mine == both:
        return "in" if theirs is not None else "archive"
    return "conflict"


def _settled(ours: Copy | None, theirs: Copy | None, prefer: Side) -> What:
    if prefer == "ours":
        return "out" if ours is not None else "remove"
    return "in" if theirs is not None else "archive"
