"""What an automatic audit of accessibility finds on the pages that people use most: nothing, in light and in dark."""

from typing import Any, Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bench.product import Product
from tests.e2e.hands import dialog, open_sample, shows, window

AUDIT = Axe()
SCHEMES: Final[tuple[Literal["light"], Literal["dark"]]] = ("light", "dark")


def findings(page: Page) -> list[str]:
    found: dict[str, Any] = AUDIT.run(page, options={"resultTypes": ["violations"]}).response
    return [
        f"{violation['id']}: {node['target']} {node['html'][:120]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def dressed(page: Page, scheme: Literal["light", "dark"]) -> None:
    """Show the page in this scheme, with nothing still on its way."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)


def open_order(page: Page) -> None:
    page.goto("/")
    open_sample(page, "Order fulfilment")
    expect(page.get_by_test_id("node-charge")).to_be_visible()


PAGES: Final = {
    "work": ("/", "/runs", "/approvals", "/credentials", "/samples"),
    "operations": ("letters", "items", "jobs", "messages", "destinations", "breakers", "locks"),
    "settings": ("profile", "workspace", "members", "environments", "tokens", "alerts", "audit"),
}


@pytest.mark.parametrize("part", PAGES)
def test_a_page_is_open_to_everyone(page: Page, part: str) -> None:
    for address in PAGES[part]:
        page.goto(address if address.startswith("/") else f"/{part}/{address}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator(".mantine-Loader-root")).to_have_count(0)
        for scheme in SCHEMES:
            dressed(page, scheme)
            assert findings(page) == [], f"{address} in {scheme}"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_editor_with_a_node_selected_is_open_to_everyone(page: Page, scheme: Literal["light", "dark"]) -> None:
    open_order(page)
    dressed(page, scheme)
    page.get_by_test_id("node-order").click()
    expect(page.get_by_role("tab", name="Parameters")).to_be_visible()
    expect(page.locator(".cm-editor").first).to_be_visible()
    assert findings(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_finished_run_with_the_drawer_open_is_open_to_everyone(page: Page, scheme: Literal["light", "dark"]) -> None:
    open_order(page)
    page.get_by_role("button", name="Run", exact=True).click()
    dialog(page, "Start a run").get_by_role("button", name="Start", exact=True).click()
    shows(page, "ship", "succeeded")
    dressed(page, scheme)
    timeline = page.get_by_role("slider", name="The moment shown", exact=True)
    expect(timeline).to_be_visible()
    assert findings(page) == []
    page.get_by_role("tab", name="Steps").click()
    expect(timeline).to_have_count(0)
    assert findings(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_page_to_sign_in_is_open_to_everyone(
    product: Product, browser: Browser, scheme: Literal["light", "dark"]
) -> None:
    page = window(browser, product, color_scheme=scheme)
    page.goto("/")
    expect(page.get_by_label("Username")).to_be_visible()
    assert findings(page) == []
    page.context.close()
