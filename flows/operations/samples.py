"""The sample flows that come with the product, to learn from and to begin with.

It decides which there are and in which language their words are told; it refuses to know who makes a flow of one.
The files of `flows/samples` are loaded at the first start, those of its folder `gallery` are only shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import flows
from flows.dsl.text import read_text

FOLDER: Final = Path(flows.__file__).parent / "samples"

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A document with a name that addresses it."""

    id: str
    document: dict[str, Any]


def first_samples() -> list[Sample]:
    """Those of a new installation, by name of their file."""
    return [_read(file) for file in sorted(FOLDER.glob("*.yaml"))]


@lru_cache(maxsize=1)
def all_samples() -> tuple[Sample, ...]:
    """Those of a new installation and after them the rest of the gallery. They never change while it runs."""
    return (*first_samples(), *(_read(file) for file in sorted((FOLDER / "gallery").glob("*.yaml"))))


def _read(file: Path) -> Sample:
    document = read_text(file.read_bytes())
    if not isinstance(document, dict):
        raise TypeError(f"{file.name} is no document")
    return Sample(id=file.stem, document=document)


def told(sample: Sample, translate: Translate) -> dict[str, Any]:
    """The document in a language: its name, its descriptions, its labels and notes. Values and code stay as they are."""
    document = sample.document

    def said(text: str) -> str:
        words = " ".join(text.split())
        return translate(words) if words else ""

    def worded(part: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
        return part | {field: said(part[field]) for field in fields if field in part}

    return worded(document, ("name", "description")) | {
        "nodes": [worded(node, ("label", "description")) for node in document["nodes"]],
        "notes": [worded(note, ("text",)) for note in document.get("notes", [])],
    }
