"""Two runs want one lock: the page says who holds it and who is next, and the canvas the place in line."""

from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.audit import bare

Picture = Callable[[Page, str], None]

GUARDED: Final[dict[str, Any]] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 60}},
        {
            "id": "guard",
            "type": "flow.lock",
            "config": {"name": "printer", "wait": "1h"},
            "position": {"x": 280, "y": 0},
        },
        {"id": "ask", "type": "flow.signal", "parent": "guard", "config": {"name": "printed"}},
    ],
    "edges": [{"from": "start", "to": "guard"}],
}


def test_the_page_and_the_canvas_say_who_holds_a_lock_and_who_is_next(
    page: Page, product: Product, picture: Picture
) -> None:
    flow = product.post("/api/flows/", {"name": "Print", "document": GUARDED})["id"]
    product.post(f"/api/flows/{flow}/publish/", {"note": ""})
    runs = [product.post(f"/api/flows/{flow}/runs/", {"input": {}}) for _ in range(2)]
    page.goto("/operations/locks")
    table = page.get_by_role("table", name="Locks")
    expect(table).to_contain_text("Holds it")
    expect(table).to_contain_text("No. 1 in line")
    bare(page, "locks that are held")
    picture(page, "page")
    places = product.get("/api/locks/")["results"]
    waiter = next(place for place in places if place["line"] == 1)
    holder = next(place for place in places if place["token"] is not None)
    assert {waiter["run"], holder["run"]} == {run["id"] for run in runs}
    page.goto(f"/runs/{waiter['run']}")
    frame = page.get_by_test_id("node-guard")
    expect(frame.get_by_title("waits for the lock printer")).to_have_text("No. 1 in line")
    picture(page, "in-line")
    product.post(f"/api/locks/{holder['id']}/release/", {})
    expect(frame.get_by_title("waits for the lock printer")).to_have_count(0)
    expect(frame).to_contain_text("printer")
    page.goto(f"/runs/{waiter['run']}?tab=steps&step=guard")
    expect(page.get_by_text("Holds the lock")).to_be_visible()
    picture(page, "inside")
    for place in (holder, waiter):
        product.post(f"/api/runs/{place['run']}/cancel/", {})
