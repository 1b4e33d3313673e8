"""Bringing cards into line: guides while dragging, and commands that align and distribute a selection."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.hands import middle, node, opened, saved

Picture = Callable[[Page, str], None]
PLACES = {"start": (0, 0), "first": (272, 40), "second": (540, 8), "third": (272, 320)}


@pytest.fixture
def flow(product: Product) -> str:
    nodes = [
        {"id": name, "type": "trigger.manual" if name == "start" else "log", "position": {"x": x, "y": y}}
        for name, (x, y) in PLACES.items()
    ]
    edges = [{"from": "start", "to": name} for name in ("first", "second", "third")]
    document = {"dsl": 1, "nodes": nodes, "edges": edges}
    return str(product.post("/api/flows/", {"name": "Out of line", "document": document})["id"])


def places(product: Product, flow: str) -> dict[str, Any]:
    draft = product.get(f"/api/flows/{flow}/draft/")["document"]
    return {one["id"]: (one["position"]["x"], one["position"]["y"]) for one in draft["nodes"]}


def test_what_is_dragged_meets_the_lines_of_its_neighbours(
    page: Page, product: Product, flow: str, picture: Picture
) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    expect(page.get_by_role("button", name="Zoom to 100 %")).to_have_text("100 %")
    page.wait_for_function("performance.getEntriesByType('resource').some((one) => one.name.includes('/guiding-'))")
    x, y = middle(node(page, "third"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 4, y, steps=4)
    # To the right until its left edge stands under that of `second`, 268 px away: the grid alone would miss it by 4.
    page.mouse.move(x + 200, y + 10, steps=6)
    expect(page.get_by_test_id("guide-x")).to_have_count(0)
    page.mouse.move(x + 267, y + 2, steps=8)
    expect(page.get_by_test_id("guide-x")).to_contain_text("224")
    picture(page, "guide")
    page.mouse.up()
    expect(page.get_by_test_id("guide-x")).to_have_count(0)
    expect(page.get_by_role("button", name="Undo: move 1 item")).to_be_visible()
    saved(page)
    assert places(product, flow)["third"] == (540, 320)
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Redo: move 1 item")).to_be_visible()
    saved(page)
    assert places(product, flow)["third"] == (272, 320)


def under(page: Page, place: tuple[float, float]) -> str:
    """The node that is seen at a place of the screen."""
    asked = "([x, y]) => document.elementFromPoint(x, y).closest('.react-flow__node').dataset.id"
    seen: str = page.evaluate(asked, place)
    return seen


def test_what_the_hand_holds_is_over_what_it_is_moved_over(page: Page, flow: str, picture: Picture) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    x, y = middle(node(page, "first"))
    third = middle(node(page, "third"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 4, steps=4)
    # `third` comes later in the document, and would lie over it.
    page.mouse.move(third[0] + 60, third[1] - 20, steps=10)
    expect(page.locator(".react-flow__node.dragging")).to_have_attribute("data-id", "first")
    assert under(page, third) == "first"
    picture(page, "held")
    page.mouse.up()
    expect(page.get_by_role("button", name="Undo: move 1 item")).to_be_visible()
    assert under(page, third) == "first", "what is selected lies over what is not"
    page.keyboard.press("Escape")
    expect(node(page, "first")).not_to_have_attribute("data-selected", "true")
    assert under(page, third) == "third"


def test_a_selection_is_aligned_and_distributed_by_keys_and_by_buttons(
    page: Page, product: Product, flow: str, picture: Picture
) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    node(page, "start").click()
    node(page, "first").click(modifiers=["Control"])
    node(page, "second").click(modifiers=["Control"])
    page.keyboard.press("Alt+Shift+ArrowUp")
    expect(page.get_by_role("button", name="Undo: align 3 items")).to_be_visible()
    picture(page, "aligned")
    page.get_by_role("toolbar", name="Arrange").get_by_role("button", name="Distribute across").click()
    expect(page.get_by_role("button", name="Undo: distribute 3 items")).to_be_visible()
    saved(page)
    assert places(product, flow) == {"start": (0, 0), "first": (270, 0), "second": (540, 0), "third": (272, 320)}
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    saved(page)
    assert places(product, flow) == PLACES
