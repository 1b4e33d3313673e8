"""Documents as they are stored: text, guarded on the way in, parsed on the way out."""

from functools import lru_cache
from typing import Final

from flows.dsl.document import Document
from flows.dsl.read import read_document
from flows.errors import BadInput, MulgilError
from flows.models import Version
from flows.security import safejson
from flows.security.safejson import Json

MAX_BYTES: Final = 2 * 1024 * 1024


class DocumentTooLarge(MulgilError):
    """The document is {size} bytes, over the limit of {limit}."""

    code = "document_too_large"
    status = 413
    hint = "Move a part of it to a flow of its own and call it."


class VersionPruned(MulgilError):
    """Version {version} was pruned on {at}: its document is gone."""

    code = "version_pruned"
    status = 410
    hint = "Its number, hash, name and author stay. Choose another version."


def to_text(document: Json) -> str:
    """The text that is stored. Raises BadInput for what isn't an object, DocumentTooLarge, BadValue, TooDeep."""
    if not isinstance(document, dict):
        raise BadInput(reason="a document is a JSON object")
    safejson.check(document)
    text = safejson.dumps(document)
    size = len(text.encode())
    if size > MAX_BYTES:
        raise DocumentTooLarge(size=size, limit=MAX_BYTES)
    return text


def from_text(text: str) -> Json:
    return safejson.loads(text)


def document_of(version: Version) -> Document:
    """The document of a version, parsed once per process and version. Raises VersionPruned."""
    check_stands(version)
    return _parsed(version.hash, version.document)


def check_stands(version: Version) -> None:
    """Refuse a version that was pruned: what it was can't be read, run or released any more. Raises VersionPruned."""
    if version.pruned_at is not None:
        raise VersionPruned(version=version.number, at=version.pruned_at.date().isoformat())


@lru_cache(maxsize=64)
def _parsed(_: str, text: str) -> Document:
    return read_document(safejson.loads(text))
