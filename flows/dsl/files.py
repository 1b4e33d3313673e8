"""A flow as a file for people and git, and the manifest of a folder of them.

One text per hash: keys stand in one order, what runs comes first and where things are drawn comes last, so that a
review shows what changed and no more. A file holds the document whole; reading it gives the same hash. What the
document does, and which flow of a workspace it becomes, is not known here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, ValidationError

from flows.dsl.canonical import canonical
from flows.dsl.document import Case, Document, Edge, Node, Part
from flows.dsl.phrases import misfit_phrase
from flows.dsl.text import read_text, write_yaml
from flows.errors import BadInput, phrase
from flows.security import safejson
from flows.security.limits import MIB
from flows.security.safejson import Json

MANIFEST: Final = "manifest.yaml"
MAX_FILES: Final = 1_000
MAX_BYTES: Final = 10 * MIB
MAX_LIVE: Final = 100
SUFFIXES: Final = (".yaml", ".yml", ".json")


class NotAFlowFile(BadInput):
    """This is not the file of a flow: {reason}"""

    code = "not_a_flow_file"


class Listed(Part):
    """One flow of a manifest: its file, its name, the id it was exported from, the hash of its document, and which version
    of it was live in each environment; that is told to people alone."""

    file: Annotated[str, Field(min_length=1, max_length=255)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    id: UUID | None = None
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    live: Annotated[dict[str, Annotated[int, Field(ge=1)]], Field(max_length=MAX_LIVE)] = {}


class Manifest(Part):
    manifest: Literal[1] = 1
    flows: Annotated[list[Listed], Field(max_length=MAX_FILES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What stands in a file: the flow's name, empty where none is told, and its document."""

    name: str
    document: Json


def write_file(document: Document, *, name: str) -> str:
    """The YAML text of a flow of this name. One hash and one name give one text."""
    found: dict[str, Any] = _in_order(safejson.loads(canonical(document)), Document)
    found["nodes"] = [_in_order(node, Node) for node in found.get("nodes", [])]
    found["edges"] = [_in_order(edge, Edge) for edge in found.get("edges", [])]
    found["tests"] = [_in_order(case, Case) for case in found.get("tests", [])]
    layout = {"nodes": _taken_out(found["nodes"]), "notes": found.pop("notes", [])}
    head = {} if document.name == name else {"flow": name}
    rest = {key: value for key, value in found.items() if value or key not in ("nodes", "edges", "tests")}
    last = {key: value for key, value in layout.items() if value}
    return write_yaml({**head, **rest, **({"layout": last} if last else {})})


def read_file(data: bytes) -> Filed:
    """The flow in a file; a plain document is one too. Raises what read_text does, and NotAFlowFile.

    Whether the document has a document's shape is read_document's to say.
    """
    value = read_text(data, limit=MAX_BYTES)  # a document is longer as YAML than its own limit counts
    if not isinstance(value, dict):
        raise NotAFlowFile(reason=phrase("it holds no object"))
    document = dict(value)
    name = document.pop("flow", None) or document.get("name") or ""
    if not isinstance(name, str):
        raise NotAFlowFile(reason=phrase("the name of the flow is not a text"))
    layout = document.pop("layout", None)
    if layout is not None:
        _put_back(document, layout)
    return Filed(name=" ".join(name.split()), document=document)


def write_manifest(flows: Iterable[Listed]) -> str:
    """One line per fact, files and environments by their names: a release changes one line."""
    rows = [one.model_copy(update={"live": dict(sorted(one.live.items()))}) for one in flows]
    rows.sort(key=lambda one: one.file)
    listed: list[Json] = [one.model_dump(mode="json", exclude_defaults=True) for one in rows]
    return write_yaml({"manifest": 1, "flows": listed})


def read_manifest(data: bytes) -> Manifest:
    """Raises what read_text does, and NotAFlowFile for another shape, a path, or a file that stands twice."""
    try:
        manifest = Manifest.model_validate(read_text(data, limit=MAX_BYTES))
    except ValidationError as error:
        raise NotAFlowFile(reason=misfit_phrase(error.errors()[0], unnamed=MANIFEST)) from None
    seen: set[str] = set()
    for one in manifest.flows:
        check_name(one.file)
        if one.file in seen:
            raise NotAFlowFile(reason=phrase("{file} stands twice in it", file=one.file))
        seen.add(one.file)
    return manifest


def check_name(file: str) -> None:
    """Refuse what is no plain name of a flow's file inside its folder. Raises NotAFlowFile."""
    if any(mark in file for mark in "/\\:\0") or file.startswith("."):
        said = phrase("{file} points out of the folder; only plain names of files are taken", file=repr(file[:200]))
        raise NotAFlowFile(reason=said)
    if not file.endswith(SUFFIXES) or file == MANIFEST:
        ends = ", ".join(SUFFIXES)
        said = phrase("{file} is no name of a flow's file; they end in {ends}", file=repr(file[:200]), ends=ends)
        raise NotAFlowFile(reason=said)


def is_flow_file(name: str) -> bool:
    """Whether a file of a folder counts as a flow's, or as the manifest."""
    return name.endswith(SUFFIXES) and not name.startswith(".")


def _in_order(value: Any, model: type[Part]) -> dict[str, Any]:
    names = [field.alias or name for name, field in model.model_fields.items()]
    return {name: value[name] for name in names if name in value}


def _taken_out(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """The positions by node id, taken out of the nodes; left where they are while two nodes have one id."""
    if len({node["id"] for node in nodes}) < len(nodes):
        return {}
    return {node["id"]: node.pop("position") for node in nodes if "position" in node}


def _put_back(document: dict[str, Json], layout: Json) -> None:
    """Positions of nodes that are there no more are dropped: they mean nothing."""
    if not isinstance(layout, dict) or layout.keys() - {"nodes", "notes"}:
        raise NotAFlowFile(reason=phrase("layout holds nodes and notes, and nothing else"))
    if "notes" in layout:
        if "notes" in document:
            raise NotAFlowFile(reason=phrase("the notes stand twice"))
        document["notes"] = layout["notes"]
    places = layout.get("nodes", {})
    if not isinstance(places, dict):
        raise NotAFlowFile(reason=phrase("layout/nodes gives each node's id its position"))
    nodes = document.get("nodes")
    if isinstance(nodes, list):
        document["nodes"] = [_placed(node, places) for node in nodes]


def _placed(node: Json, places: Mapping[str, Json]) -> Json:
    name = node.get("id") if isinstance(node, dict) else None
    if not isinstance(node, dict) or not isinstance(name, str) or "position" in node or name not in places:
        return node
    return {**node, "position": places[name]}
