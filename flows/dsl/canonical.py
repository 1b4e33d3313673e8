"""The one form of a document, and its hash.

Keys stand in the order of the alphabet, numbers and text as RFC 8785 writes them in the common
cases, defaults are left out: two documents that mean the same have the same form, whatever wrote
them. Everything counts, positions and notes too: they are part of a version's history.
"""

import hashlib
from typing import Any

import orjson

from flows.dsl.document import Document
from flows.security.safejson import Json

_OPTIONS = orjson.OPT_SORT_KEYS


def plain(document: Document) -> dict[str, Json]:
    """The document as JSON, without what stands at its default. `dsl` is always there."""
    found: dict[str, Json] = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {"dsl": document.dsl, **found}


def canonical(document: Document) -> bytes:
    """The canonical text, in UTF-8. The order of nodes and edges is kept: it is the order people see."""
    return orjson.dumps(_whole(plain(document)), option=_OPTIONS)


def content_hash(document: Document) -> str:
    """SHA-256 of the canonical text, in hex."""
    return hashlib.sha256(canonical(document)).hexdigest()


def _whole(value: Any) -> Any:
    """Floats that are whole numbers as integers: `1.0` and `1` are one number in JSON."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return value
