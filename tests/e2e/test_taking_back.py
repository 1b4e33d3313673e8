"""Escape in the middle of what the hand does on the canvas: it ends as if it had never begun."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.hands import middle, node, opened, saved

CHAIN: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "one", "type": "log", "position": {"x": 280, "y": 0}, "config": {"message": "1"}},
        {"id": "two", "type": "log", "position": {"x": 560, "y": 0}, "config": {"message": "2"}},
    ],
    "edges": [{"from": "start", "to": "one"}, {"from": "one", "to": "two"}],
}

Place = tuple[float, float]


@pytest.fixture
def flow(page: Page, product: Product) -> str:
    """A chain of three, open in the editor."""
    made = str(product.post("/api/flows/", {"name": "Taken back", "document": CHAIN})["id"])
    page.goto(f"/flows/{made}")
    opened(page)
    expect(node(page, "two")).to_be_visible()
    return made


def taken_back(page: Page, start: Place, key: str = "Escape") -> None:
    """Press, go 30 to the right and 170 down, press the key, go on, let go: nothing has been done."""
    x, y = start
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 170, steps=10)
    page.keyboard.press(key)
    page.mouse.move(x + 60, y + 200, steps=5)
    page.mouse.up()
    expect(page.get_by_role("button", name="Undo:")).to_have_count(0)


def unchanged(page: Page, product: Product, flow: str) -> None:
    expect(page.get_by_test_id("insert-palette")).to_have_count(0)
    saved(page)
    document = product.get(f"/api/flows/{flow}/draft/")["document"]
    assert [one["position"] for one in document["nodes"]] == [one["position"] for one in CHAIN["nodes"]]
    assert [(one["from"], one["to"]) for one in document["edges"]] == [("start", "one"), ("one", "two")]


@pytest.mark.parametrize("key", ["Escape", "Control+z"])
def test_what_is_dragged_goes_back_to_where_it_was(page: Page, product: Product, flow: str, key: str) -> None:
    before = node(page, "one").bounding_box()
    taken_back(page, middle(node(page, "one")), key)
    assert node(page, "one").bounding_box() == before
    unchanged(page, product, flow)


def test_what_was_taken_out_with_alt_stays_in_its_chain(page: Page, product: Product, flow: str) -> None:
    page.keyboard.down("Alt")
    taken_back(page, middle(node(page, "one")))
    page.keyboard.up("Alt")
    unchanged(page, product, flow)


def test_an_arrow_that_is_being_drawn_leads_nowhere(page: Page, product: Product, flow: str) -> None:
    taken_back(page, middle(page.get_by_label("Port out of two", exact=True)))
    expect(node(page, "one")).not_to_have_attribute("data-refused", "true")
    unchanged(page, product, flow)


def test_an_arrow_whose_end_was_taken_stays(page: Page, product: Product, flow: str) -> None:
    taken_back(page, middle(page.locator('[data-id="one:out>two"] .react-flow__edgeupdater-target')))
    unchanged(page, product, flow)


def are_chosen(page: Page, *names: str) -> None:
    for name in names:
        expect(node(page, name)).to_have_attribute("data-selected", "true")
    expect(page.locator('[data-testid^="node-"][data-selected]')).to_have_count(len(names))


def above(page: Page, name: str) -> Place:
    """In the void, over a card."""
    box = node(page, name).bounding_box()
    assert box is not None
    return box["x"] + 20, box["y"] - 60


def test_a_lasso_takes_nothing(page: Page, flow: str) -> None:
    taken_back(page, above(page, "one"))
    expect(page.locator(".react-flow__selection")).to_have_count(0)
    are_chosen(page)
    node(page, "two").click()
    taken_back(page, above(page, "one"))
    are_chosen(page, "two")


def test_shift_and_a_click_adds_to_what_is_selected(page: Page, flow: str) -> None:
    node(page, "one").click()
    node(page, "two").click(modifiers=["Shift"])
    are_chosen(page, "one", "two")
    node(page, "one").click(modifiers=["Shift"])
    are_chosen(page, "two")


@pytest.mark.parametrize("key", ["Shift", "Control"])
def test_a_lasso_with_a_key_adds_to_what_is_selected(page: Page, flow: str, key: str) -> None:
    node(page, "start").click()
    page.keyboard.down(key)
    page.mouse.move(*above(page, "two"))
    page.mouse.down()
    page.mouse.move(*middle(node(page, "two")), steps=10)
    page.mouse.up()
    page.keyboard.up(key)
    are_chosen(page, "start", "two")
    page.mouse.move(*above(page, "one"))
    page.mouse.down()
    page.mouse.move(*middle(node(page, "one")), steps=10)
    page.mouse.up()
    are_chosen(page, "one")
