"""A desk's window at a zoom of 200 %: half as wide and half as high, and everything is still done in it."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.product import Product
from tests.e2e.audit import bare
from tests.e2e.hands import dialog, field, node, opened, saved, shows, sign_in, window

START: Final[dict[str, Any]] = {
    "dsl": 1,
    "nodes": [{"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}}],
    "edges": [],
}
HALF: Final = {"width": 640, "height": 400}


@pytest.fixture
def zoomed(browser: Browser, product: Product) -> Iterator[Page]:
    """1280 by 800 pixels of a screen, twice as large."""
    page = window(browser, product, viewport=HALF, device_scale_factor=2)
    sign_in(page, product)
    yield page
    page.context.close()


def test_a_flow_is_built_run_and_published_in_a_window_at_twice_the_size(
    zoomed: Page, product: Product, picture: Callable[[Page, str], None]
) -> None:
    page = zoomed
    flow = product.post("/api/flows/", {"name": "Seen from near by", "document": START})["id"]
    page.goto(f"/flows/{flow}")
    opened(page)
    expect(page.get_by_test_id("start-guide")).to_be_visible()
    picture(page, "guide")
    page.get_by_role("button", name="Begin without it").click()
    node(page, "start").click()
    page.get_by_role("button", name="Add nodes").click()
    picture(page, "palette")
    page.get_by_label("Search nodes").fill("log")
    page.get_by_test_id("type-log").click()
    page.get_by_role("button", name="Hide the palette").click()
    expect(node(page, "log")).to_have_attribute("data-selected", "true")
    field(page, "message").click()
    page.keyboard.type("From near by")
    saved(page)
    picture(page, "inspector")
    bare(page, "at twice the size")
    page.get_by_role("button", name="Open the inspector wide").click()
    expect(page.get_by_role("region", name="What it may read")).to_be_visible()
    picture(page, "wide")
    page.get_by_role("button", name="Open the inspector wide").click()
    page.get_by_role("button", name="Show or hide the outline").click()
    expect(page.get_by_role("tree", name="Outline")).to_be_visible()
    picture(page, "outline")
    page.get_by_role("button", name="Close the outline").click()

    page.get_by_role("button", name="Publish").click()
    dialog(page, "Publish the draft").get_by_role("button", name="Publish").click()
    page.get_by_test_id("run").click()
    shows(page, "log", "succeeded")
    picture(page, "run")
    assert page.evaluate("document.documentElement.scrollWidth") <= HALF["width"]
