"""The built editor, as far as a page needs it: which files its entry loads.

Decides: how the build's manifest is read. Refuses to know how the editor is built.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from builder_ui.environment import PROJECT

BUILT = PROJECT / "static" / "builder"
MANIFEST = BUILT / "manifest.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """The files of the first view, as paths under /static/."""

    script: str
    styles: tuple[str, ...]
    preloads: tuple[str, ...]


def entry() -> Entry | None:
    """The entry of the built editor, None when it has not been built."""
    changed = built_at()
    return _read(MANIFEST, changed) if changed else None


def built_at() -> int:
    """When the editor was built last, as the manifest's own mark; 0 when it never was."""
    try:
        return MANIFEST.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=1)
def _read(manifest: Path, _changed: int) -> Entry:
    chunks = json.loads(manifest.read_text(encoding="utf-8"))
    first = next(chunk for chunk in chunks.values() if chunk.get("isEntry"))
    imported = list(_imported(chunks, first, set()))
    styles = [style for chunk in (first, *imported) for style in chunk.get("css", [])]
    return Entry(
        script=f"builder/{first['file']}",
        styles=tuple(f"builder/{style}" for style in dict.fromkeys(styles)),
        preloads=tuple(f"builder/{chunk['file']}" for chunk in imported),
    )


def _imported(chunks: Mapping[str, Any], chunk: Mapping[str, Any], seen: set[str]) -> Iterator[Mapping[str, Any]]:
    for name in chunk.get("imports", []):
        if name not in seen:
            seen.add(name)
            yield chunks[name]
            yield from _imported(chunks, chunks[name], seen)
