"""What a browser loads before the first view stands, and what waits until it is opened: the sizes of the built editor.

It reads the manifest of the build; it refuses to know what a size should be.
"""

import gzip
import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from builder_ui.built import BUILT, MANIFEST

ENTRY: Final = "src/main.tsx"
LANGUAGES: Final = ("en", "ko")
PAGES: Final[dict[str, list[str]]] = {
    "the page of flows": ["src/app/pages/FlowsPage.tsx"],
    "the editor": ["src/app/editor/EditorPage.tsx"],
}


class NotBuilt(Exception):
    """The editor is not built: run `manage.py build_editor` first."""


def manifest() -> dict[str, Any]:
    """The chunks of the build by their sources. Raises NotBuilt."""
    if not MANIFEST.exists():
        raise NotBuilt(NotBuilt.__doc__)
    chunks: dict[str, Any] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return chunks


def files_of(names: Iterable[str]) -> set[str]:
    """The scripts and styles that these chunks need, and all that they import at once."""
    chunks = manifest()
    files: set[str] = set()
    waiting, seen = list(names), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        files.update([chunks[name]["file"], *chunks[name].get("css", [])])
        waiting.extend(chunks[name].get("imports", []))
    return files


def first_view(page: str, language: str) -> dict[str, int]:
    """The files of a page's first view, each with its compressed bytes."""
    files = files_of([ENTRY, f"src/i18n/{language}/index.ts", *PAGES[page]])
    return {file: _compressed(file) for file in files}


def figures() -> dict[str, float]:
    """KiB, compressed: of the first views in English, and of all that is loaded later."""
    views = {page: first_view(page, "en") for page in PAGES}
    first = {file for view in views.values() for file in view}
    later = [path.relative_to(BUILT).as_posix() for path in (*BUILT.glob("assets/*.js"), *BUILT.glob("assets/*.css"))]
    told = {f"{page.split()[-1]}_kib": _kib(view.values()) for page, view in views.items()}
    return {**told, "later_kib": _kib(_compressed(file) for file in later if file not in first)}


def _kib(sizes: Iterable[int]) -> float:
    return round(sum(sizes) / 1024, 1)


@lru_cache(maxsize=1024)
def _compressed(file: str) -> int:
    return len(gzip.compress((BUILT / file).read_bytes(), 9))
