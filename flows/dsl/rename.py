"""A node gets another id, and everything that names it follows: edges, parents, pins, tests, expressions.

Expressions are rewritten where Python's own parser says that the name stands, never by search and
replace: `nodes.a` in a text, in a string or as a local name stays what it is.
"""

import keyword
import re
from typing import Any, Final

from flows.dsl.canonical import plain
from flows.dsl.catalogue import Catalogue
from flows.dsl.document import ID_PATTERN, Document
from flows.dsl.fields import field_rules
from flows.errors import BadInput, Conflict, NotFound
from flows.expr.rename import rename_node as rename_in_text
from flows.expr.template import has_expression

_ID: Final = re.compile(ID_PATTERN)
_KEY_PARTS: Final = re.compile(r"[a-z][a-z0-9_]*|[^a-z]+")


def rename_node(document: Document, old: str, new: str, catalogue: Catalogue | None = None) -> Document:
    """The document with a node's id changed. Raises NotFound, BadInput or Conflict.

    With the catalogue, verbatim fields (code, SQL) are known and left alone.
    """
    ids = {node.id for node in document.nodes}
    if old not in ids:
        raise NotFound(thing=f"node {old}")
    if not _ID.fullmatch(new) or keyword.iskeyword(new):
        raise BadInput(reason=f"{new!r} can't be an id")
    if new in ids and new != old:
        raise Conflict(reason=f"There is a node {new} already.")
    return Document.model_validate(_renamed(plain(document), old, new, catalogue))


def _renamed(raw: dict[str, Any], old: str, new: str, catalogue: Catalogue | None) -> dict[str, Any]:
    def swap(name: str | None) -> str | None:
        return new if name == old else name

    renamed = dict(raw)
    renamed["nodes"] = [_node(node, old, new, _verbatim(node, catalogue)) for node in raw.get("nodes", [])]
    renamed["edges"] = [{**edge, "from": swap(edge["from"]), "to": swap(edge["to"])} for edge in raw.get("edges", [])]
    renamed["notes"] = [
        {**note, "parent": swap(note["parent"])} if "parent" in note else note for note in raw.get("notes", [])
    ]
    renamed["pins"] = {new if name == old else name: value for name, value in raw.get("pins", {}).items()}
    renamed["tests"] = [_test(case, old, new) for case in raw.get("tests", [])]
    return renamed


def _verbatim(node: dict[str, Any], catalogue: Catalogue | None) -> frozenset[str]:
    node_type = catalogue.get(node["type"]) if catalogue is not None else None
    return field_rules(node_type.config).verbatim if node_type is not None else frozenset()


def _node(node: dict[str, Any], old: str, new: str, verbatim: frozenset[str]) -> dict[str, Any]:
    renamed = dict(node)
    for field in ("id", "parent"):
        if renamed.get(field) == old:
            renamed[field] = new
    if "config" in renamed:
        renamed["config"] = {
            key: value if key in verbatim else _texts(value, old, new) for key, value in renamed["config"].items()
        }
    if "each" in renamed:
        renamed["each"] = _texts(renamed["each"], old, new)
    return renamed


def _texts(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return rename_in_text(value, old, new) if has_expression(value) else value
    if isinstance(value, dict):
        return {key: _texts(inner, old, new) for key, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner, old, new) for inner in value]
    return value


def _test(case: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    renamed = dict(case)
    if renamed.get("trigger") == old:
        renamed["trigger"] = new
    if "mocks" in renamed:
        renamed["mocks"] = {_key(key, old, new): outcomes for key, outcomes in renamed["mocks"].items()}
    if "expect" in renamed:
        renamed["expect"] = _expected(renamed["expect"], old, new)
    return renamed


def _expected(expect: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """Step keys stand as keys of objects, in pairs, and in a list; outputs and messages are left alone."""
    renamed = dict(expect)
    for field in ("steps", "count", "attempts", "finished_at", "output_of"):
        if isinstance(renamed.get(field), dict):
            renamed[field] = {_key(key, old, new): value for key, value in renamed[field].items()}
    for field in ("order", "overlap"):
        if isinstance(renamed.get(field), list):
            renamed[field] = [[_key(str(key), old, new) for key in pair] for pair in renamed[field]]
    if isinstance(renamed.get("absent"), list):
        renamed["absent"] = [_key(str(key), old, new) for key in renamed["absent"]]
    return renamed


def _key(key: str, old: str, new: str) -> str:
    """A step key (`each[3]/charge`) with one id in it changed."""
    return "".join(new if part == old else part for part in _KEY_PARTS.findall(key))
