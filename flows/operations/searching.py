"""Finding by words over everything a person may see: flows, runs, nodes inside flows, credentials, versions.

It decides what each kind is found by and how far is looked; who may see which kind stands in the permission table alone,
and a kind that the actor may not read is not there at all.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from types import MappingProxyType
from typing import Any, Final, Literal
from uuid import UUID

from django.db.models import Func, IntegerField, Q, QuerySet

from flows.models import Credential, Draft, Flow, Run, Version
from flows.operations import documents
from flows.operations.access import Permission, allowed
from flows.operations.actor import Actor
from flows.operations.run_search import ids_of, number_of
from flows.security import safejson

Kind = Literal["flow", "run", "node", "credential", "version"]

MAX_WORDS: Final = 8
MOST: Final = 20
# A letter is in every document: nodes are looked for from here on.
SHORTEST_OF_NODES: Final = 2
# How many of the drafts changed last are looked through, together of so many bytes, and how many of the newest runs for a number.
DRAFTS: Final = 500
BYTES: Final = 16 * 1024 * 1024
RUNS: Final = 20_000
_OF_RUN: Final = ("pk", "number", "status", "flow_id", "flow__name", "created_at")
_VERSION: Final = re.compile(r"v([0-9]{1,9})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing found. `detail`: a run's status, a node's type, a credential's kind, a version's note.

    `began`: of a run, by which those of flows of the same name are told apart.
    """

    kind: Kind
    id: str
    name: str
    flow: UUID | None = None
    flow_name: str = ""
    detail: str = ""
    began: datetime | None = None


def search(actor: Actor, words: str, *, limit: int = 6) -> list[Found]:
    """What fits all of the words, at most `limit` of each kind, kind by kind. Nothing for no words."""
    asked = words.split()[:MAX_WORDS]
    if not asked or "\x00" in words:
        return []
    may = allowed(actor)
    most = max(1, min(limit, MOST))
    return [found for need, look in _KINDS.items() if need[0] in may for found in look(actor, asked, most)]


def _flows(actor: Actor, asked: list[str], most: int) -> Iterator[Found]:
    rows = _in_use(actor).filter(_all(asked, "name")).order_by("-updated_at")[:most]
    for pk, name in rows.values_list("pk", "name"):
        yield Found(kind="flow", id=str(pk), name=name, flow=pk, flow_name=name)


def _runs(actor: Actor, asked: list[str], most: int) -> Iterator[Found]:
    """By the beginning of an id, or by number, with words of the flow's name beside it."""
    rows = Run.objects.filter(workspace_id=actor.workspace)
    span = ids_of(asked[0]) if len(asked) == 1 else None
    number = number_of(asked[-1])
    found: list[QuerySet[Run]] = []
    if number is not None:
        newest = rows.order_by("-pk").values("pk")[:RUNS]
        found.append(rows.filter(_all(asked[:-1], "flow__name"), pk__in=newest, number=number))
    if span is not None:
        found.append(rows.filter(pk__gte=span[0], pk__lte=span[1]))
    seen: dict[UUID, Found] = {}
    for each in found:
        for run in each.order_by("-pk").values(*_OF_RUN)[:most]:
            name = f"{run['flow__name']} #{run['number']}"
            seen[run["pk"]] = Found(
                kind="run", id=str(run["pk"]), name=name, flow=run["flow_id"], flow_name=run["flow__name"],
                detail=run["status"], began=run["created_at"],
            )  # fmt: skip
    yield from list(seen.values())[:most]


def _nodes(actor: Actor, asked: list[str], most: int) -> Iterator[Found]:
    """By label, id or type in the drafts that were changed last. The text is asked first, and only what holds the words is read."""
    if len("".join(asked)) < SHORTEST_OF_NODES:
        return
    fitting = _all([safejson.dumps(word)[1:-1] for word in asked], "document")
    rows = Draft.objects.filter(fitting, pk__in=_newest(actor))
    rows = rows.order_by("-updated_at").select_related("flow")[: 4 * most]
    left = most
    for draft in rows:
        for node in _nodes_with(documents.from_text(draft.document), asked):
            if left == 0:
                return
            left -= 1
            name = str(node.get("label") or node["id"])
            yield Found(
                kind="node", id=str(node["id"]), name=name, flow=draft.flow_id, flow_name=draft.flow.name,
                detail=str(node.get("type", "")),
            )  # fmt: skip


def _newest(actor: Actor) -> list[UUID]:
    """The drafts that are looked through. Their sizes are read without their texts."""
    size = Func("document", function="OCTET_LENGTH", output_field=IntegerField())
    drafts = Draft.objects.filter(flow__in=_in_use(actor)).order_by("-updated_at").values_list("pk", size)[:DRAFTS]
    sizes = accumulate(size for _, size in drafts)
    return [pk for (pk, _), so_far in zip(drafts, sizes, strict=True) if so_far <= BYTES]


def _nodes_with(document: Any, asked: list[str]) -> Iterator[Mapping[str, Any]]:
    """A draft may hold anything: what isn't a node is passed over."""
    nodes = document.get("nodes") if isinstance(document, dict) else None
    for node in nodes if isinstance(nodes, list) else ():
        if not isinstance(node, dict) or not isinstance(node.get("id"), str):
            continue
        said = " ".join(str(node.get(field) or "") for field in ("label", "id", "type")).casefold()
        if all(word.casefold() in said for word in asked):
            yield node


def _credentials(actor: Actor, asked: list[str], most: int) -> Iterator[Found]:
    rows = Credential.objects.filter(_all(asked, "name"), workspace_id=actor.workspace).order_by("name")[:most]
    for pk, name, kind in rows.values_list("pk", "name", "kind"):
        yield Found(kind="credential", id=str(pk), name=name, detail=kind)


def _versions(actor: Actor, asked: list[str], most: int) -> Iterator[Found]:
    """By name or note; or by number (`v3`), with words of the flow's name beside it."""
    rows = Version.objects.filter(flow__in=_in_use(actor))
    number = next((match for word in asked if (match := _VERSION.fullmatch(word.lower()))), None)
    fitting = Q()
    for word in asked:
        fitting &= Q(name__icontains=word) | Q(note__icontains=word)
    if number is not None:
        others = [word for word in asked if word.lower() != number[0]]
        fitting |= Q(number=min(int(number[1]), 2**31 - 1)) & _all(others, "flow__name")
    for version in (
        rows.filter(fitting).order_by("-pk").values("number", "name", "note", "flow_id", "flow__name")[:most]
    ):
        yield Found(
            kind="version", id=str(version["number"]), name=version["name"] or f"v{version['number']}",
            flow=version["flow_id"], flow_name=version["flow__name"], detail=version["note"][:200],
        )  # fmt: skip


def _in_use(actor: Actor) -> QuerySet[Flow]:
    return Flow.objects.filter(workspace_id=actor.workspace, archived_at__isnull=True)


def _all(words: Iterable[str], field: str) -> Q:
    """Each of the words stands in the field, in any case."""
    fitting = Q()
    for word in words:
        fitting &= Q(**{f"{field}__icontains": word})
    return fitting


# Each kind with what one must be allowed to read to find it.
_KINDS: Final[Mapping[tuple[Permission, Kind], Callable[[Actor, list[str], int], Iterator[Found]]]] = MappingProxyType(
    {
        (Permission.FLOWS_READ, "flow"): _flows,
        (Permission.FLOWS_READ, "node"): _nodes,
        (Permission.RUNS_READ, "run"): _runs,
        (Permission.CREDENTIALS_READ, "credential"): _credentials,
        (Permission.FLOWS_READ, "version"): _versions,
    }
)
