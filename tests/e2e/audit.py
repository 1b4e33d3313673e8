"""What an automatic audit of accessibility finds on a page as it stands just now."""

from collections.abc import Callable
from typing import Any, Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

AUDIT: Final = Axe()
Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Literal["light"], Literal["dark"]]] = ("light", "dark")
BOX: Final = '[role="dialog"]'
MENU: Final = '[role="menu"]'


def findings(page: Page, within: str | None = None) -> list[str]:
    """What is found on the page, or in one part of it alone."""
    return _found(page, within, {"resultTypes": ["violations"]})


def bare(page: Page, place: str, within: str | None = None) -> None:
    """Nothing is found in either scheme."""
    assert not (found := found_in_both(page, dressed, within)), f"{place} {found}"


def found_in_both(page: Page, dress: Callable[[Page, Scheme], None], within: str | None = None) -> list[str]:
    """What is found in light; and in dark, where only the colours are others, what is found about these."""
    dress(page, "light")
    found = [f"in light: {one}" for one in findings(page, within)]
    dress(page, "dark")
    pale = _found(page, within, {"resultTypes": ["violations"], "runOnly": ["color-contrast"]})
    dress(page, "light")
    return found + [f"in dark: {one}" for one in pale]


def bare_box(page: Page, box: Locator, place: str) -> None:
    """The same of a box that has opened over the page, which was looked at without it; then it closes."""
    expect(box).to_be_visible()
    bare(page, place, BOX)
    page.keyboard.press("Escape")
    expect(page.locator(BOX)).to_have_count(0)


def bare_menu(page: Page, place: str) -> None:
    """The same of a menu: whoever opens it stands on its first entry."""
    expect(page.get_by_role("menuitem").first).to_be_focused()
    bare(page, place, MENU)
    page.keyboard.press("Escape")
    expect(page.locator(MENU)).to_have_count(0)


def dressed(page: Page, scheme: Scheme) -> None:
    """Show the page in this scheme, with nothing still on its way."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)


def _found(page: Page, within: str | None, options: dict[str, Any]) -> list[str]:
    response: dict[str, Any] = AUDIT.run(page, context=within, options=options).response
    return [
        f"{violation['id']}: {node['target']} {node['html'][:120]}"
        for violation in response["violations"]
        for node in violation["nodes"]
    ]
