"""What a browser loads before the first view stands: little, and with the styles of all that is in it."""

import re

import pytest

from bench.bundle import LANGUAGES, PAGES, first_view, manifest
from builder_ui.built import BUILT
from builder_ui.editor_build import EDITOR

BUDGET = 450 * 1024
STYLES = EDITOR / "node_modules" / "@mantine" / "core" / "styles.css"
# How the build of Mantine names the classes of its parts.
CLASS = re.compile(r"\bm_[0-9a-f]{6,8}\b")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_the_first_view_is_within_its_budget(page: str, language: str) -> None:
    sizes = first_view(page, language)
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
