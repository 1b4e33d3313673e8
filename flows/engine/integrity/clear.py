"""Secrets that stand in the document in the clear, where everybody who may read it reads them, and for ever."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from flows.dsl.document import Document
from flows.dsl.problem import pointer
from flows.engine.integrity.finding import Finding, finding
from flows.security.plain_secrets import Place, plain_secrets

MOST_TOLD: Final = 50
"""Of one document; whoever has so many knows."""


def check_secrets(document: Document) -> Iterator[Finding]:
    """In configs and variables by key and by shape; in samples, tests and texts, which are data, by shape alone."""
    return islice(_all(document), MOST_TOLD)


def _all(document: Document) -> Iterator[Finding]:
    for index, node in enumerate(document.nodes):
        for place in plain_secrets(node.config):
            path = pointer("nodes", index, "config", *place)
            yield finding("secret_in_the_clear", path=path, node=node.id, id=node.id, field=_shown(place))
    for place in plain_secrets(document.settings.vars):
        yield _beside("settings", "vars", *place)
    for id_, pinned in document.pins.items():
        yield from (_beside("pins", id_, *place) for place in plain_secrets(pinned, by_key=False))
    for index, case in enumerate(document.tests):
        told = {"input": case.input, "mocks": case.mocks, "expect": case.expect}
        yield from (_beside("tests", index, *place) for place in plain_secrets(told, by_key=False))
    for index, note in enumerate(document.notes):
        yield from (_beside("notes", index, "text") for _ in plain_secrets(note.text, by_key=False))


def _beside(*place: str | int) -> Finding:
    return finding("secret_in_the_document", path=pointer(*place), field=_shown(place))


def _shown(place: Place) -> str:
    return ".".join(map(str, place))
