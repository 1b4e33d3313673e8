"""What a browser loads before the first view stands: little, and with the styles of all that is in it."""

import gzip
import json
import re
from collections.abc import Iterable
from typing import Any

import pytest

from builder_ui.built import BUILT, MANIFEST
from builder_ui.editor_build import EDITOR

BUDGET = 450 * 1024
ENTRY = "src/main.tsx"
LANGUAGES = ("en", "ko")
PAGES = {"the page of flows": [], "the editor": ["src/app/editor/EditorPage.tsx"]}
STYLES = EDITOR / "node_modules" / "@mantine" / "core" / "styles.css"
# How the build of Mantine names the classes of its parts.
CLASS = re.compile(r"\bm_[0-9a-f]{6,8}\b")


def manifest() -> dict[str, Any]:
    assert MANIFEST.exists(), "The editor is not built: run `manage.py build_editor`, then this test."
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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_the_first_view_is_within_its_budget(page: str, language: str) -> None:
    files = files_of([ENTRY, f"src/i18n/{language}/index.ts", *PAGES[page]])
    sizes = {file: len(gzip.compress((BUILT / file).read_bytes(), 9)) for file in files}
    greatest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    total = sum(sizes.values())
    assert total <= BUDGET, f"{page} loads {total / 1024:.0f} KiB of {BUDGET // 1024}; the greatest: {greatest}"


def test_every_part_that_is_used_has_its_styles() -> None:
    manifest()
    scripts = {name for file in BUILT.glob("assets/*.js") for name in CLASS.findall(file.read_text(encoding="utf-8"))}
    styles = {name for file in BUILT.glob("assets/*.css") for name in CLASS.findall(file.read_text(encoding="utf-8"))}
    known = set(CLASS.findall(STYLES.read_text(encoding="utf-8")))
    missing = (scripts & known) - styles
    assert not missing, f"src/ui/mantine.css lacks the styles of {sorted(missing)}"
