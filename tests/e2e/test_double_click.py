"""A double click on the canvas: on a name it is typed anew, in an empty place the palette opens, inside a frame for what goes into it."""

from typing import Any

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.hands import node, opened, saved

LOOP: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "each", "type": "flow.for_each", "position": {"x": 280, "y": 0}, "config": {"items": [1]}},
        {"id": "one", "type": "log", "label": "One", "parent": "each", "position": {"x": 300, "y": 60}, "config": {"message": "1"}},
        {"id": "two", "type": "log", "parent": "each", "position": {"x": 300, "y": 240}, "config": {"message": "2"}},
    ],
    "edges": [{"from": "start", "to": "each"}, {"from": "one", "to": "two"}],
}  # fmt: skip


def test_a_card_and_a_frame_s_head_are_named_and_into_a_frame_something_is_put(page: Page, product: Product) -> None:
    flow = str(product.post("/api/flows/", {"name": "Pressed twice", "document": LOOP})["id"])
    page.goto(f"/flows/{flow}")
    opened(page)
    palette = page.get_by_test_id("insert-palette")

    node(page, "one").dblclick()
    name = node(page, "one").get_by_role("textbox")
    expect(name).to_be_focused()
    expect(palette).to_have_count(0)
    page.keyboard.type("Begin")
    page.keyboard.press("Enter")
    expect(node(page, "one")).to_contain_text("Begin")

    frame = node(page, "each").bounding_box()
    assert frame is not None
    page.mouse.dblclick(frame["x"] + 90, frame["y"] + 14)
    expect(node(page, "each").get_by_role("textbox")).to_be_focused()
    expect(palette).to_have_count(0)
    page.keyboard.press("Escape")

    page.mouse.dblclick(frame["x"] + frame["width"] - 20, frame["y"] + frame["height"] - 14)
    expect(palette.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("wait")
    page.keyboard.press("Enter")
    expect(node(page, "wait")).to_be_visible()
    saved(page)
    nodes = {one["id"]: one for one in product.get(f"/api/flows/{flow}/draft/")["document"]["nodes"]}
    assert nodes["wait"]["parent"] == "each"
    assert nodes["one"]["label"] == "Begin"
