"""An arrow drawn backwards: from a node's entry to what shall lead there."""

from typing import Any

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.hands import drag, middle, node, opened, saved

DOCUMENT: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "one", "type": "log", "position": {"x": 280, "y": 160}, "config": {"message": "1"}},
        {"id": "two", "type": "log", "position": {"x": 560, "y": 160}, "config": {"message": "2"}},
    ],
    "edges": [{"from": "one", "to": "two"}],
}


def test_an_entry_is_led_to_from_what_it_is_dropped_on_or_from_something_new(page: Page, product: Product) -> None:
    flow = str(product.post("/api/flows/", {"name": "Drawn backwards", "document": DOCUMENT})["id"])
    page.goto(f"/flows/{flow}")
    opened(page)
    entry = page.get_by_label("Entry of one", exact=True)
    page.mouse.move(*middle(entry))
    page.mouse.down()
    page.mouse.move(*middle(node(page, "two")), steps=12)
    expect(page.get_by_text("That would close a circle.")).to_be_visible()
    expect(node(page, "two")).to_have_attribute("data-refused", "true")
    page.mouse.move(*middle(node(page, "start")), steps=12)
    expect(node(page, "start")).not_to_have_attribute("data-refused", "true")
    page.mouse.up()
    expect(page.get_by_test_id("edge-start:out>one")).to_be_attached()

    x, y = middle(entry)
    drag(page, entry, (x - 30, y + 200))
    palette = page.get_by_test_id("insert-palette")
    expect(palette).to_contain_text("Insert before one")
    page.keyboard.type("stop")
    expect(palette.get_by_role("option")).to_have_count(0)
    page.keyboard.press("Control+a")
    page.keyboard.type("wait")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("edge-wait:out>one")).to_be_attached()
    saved(page)
    document = product.get(f"/api/flows/{flow}/draft/")["document"]
    led = {(edge["from"], edge["to"]) for edge in document["edges"]}
    assert led == {("one", "two"), ("start", "one"), ("wait", "one")}
    assert document["nodes"][1]["position"] == {"x": 280, "y": 160}, "the card has not been moved"
