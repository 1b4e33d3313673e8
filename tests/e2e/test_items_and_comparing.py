"""In a real browser: the items of a list as cells, failed first; two runs beside each other; the runs before and after."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.audit import BOX, bare
from tests.e2e.hands import node, opened, shows
from tests.e2e.test_time_travel import at, over

Picture = Callable[[Page, str], None]

FAILS: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": at(0, 0)},
        {"id": "check", "type": "data.transform", "label": "Check each", "position": at(280, 0),
         "config": {"value": "{{ 10 // (item % 500) }}"},
         "each": {"items": "{{ list(range(1, 2001)) }}", "concurrency": 20, "on_error": "collect"}},
    ],
    "edges": [{"from": "start", "to": "check"}],
}  # fmt: skip
LOOP: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": at(0, 0)},
        {"id": "loop", "type": "flow.for_each", "label": "Every order", "position": at(280, 0),
         "config": {"items": [4, 2, 0], "on_error": "collect"}},
        {"id": "share", "type": "data.transform", "label": "Share", "parent": "loop", "position": at(40, 60),
         "config": {"value": "{{ 8 // item }}"}},
        {"id": "twice", "type": "data.transform", "label": "Twice", "parent": "loop", "position": at(300, 60),
         "config": {"value": "{{ nodes.share * 2 }}"}},
    ],
    "edges": [{"from": "start", "to": "loop"}, {"from": "share", "to": "twice"}],
}  # fmt: skip
BRANCHES: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": at(0, 0)},
        {"id": "price", "type": "data.set", "label": "Price", "position": at(280, 0),
         "config": {"fields": {"total": "{{ input.total }}", "currency": "EUR"}}},
        {"id": "big", "type": "flow.if", "label": "Big?", "position": at(560, 0),
         "config": {"condition": "{{ nodes.price.total > 10 }}"}},
        {"id": "ask", "type": "data.transform", "label": "Ask", "position": at(840, 0), "config": {"value": "asked"}},
        {"id": "ship", "type": "data.transform", "label": "Ship", "position": at(840, 160),
         "config": {"value": "shipped"}},
    ],
    "edges": [
        {"from": "start", "to": "price"},
        {"from": "price", "to": "big"},
        {"from": "big", "port": "true", "to": "ask"},
        {"from": "big", "port": "false", "to": "ship"},
    ],
}  # fmt: skip


def started(product: Product, flow: str, **body: Any) -> str:
    run: str = product.post(f"/api/flows/{flow}/runs/", {"draft": True, "input": {}, **body})["id"]
    return run


def made(product: Product, name: str, document: dict[str, Any]) -> str:
    flow: str = product.post("/api/flows/", {"name": name, "document": document})["id"]
    return flow


def test_items_stand_as_cells_failed_first_and_open_by_a_click(page: Page, product: Product, picture: Picture) -> None:
    run = started(product, made(product, "Two thousand checked", FAILS))
    over(page, product, run)
    page.goto(f"/runs/{run}?tab=steps&step=check&h=420")
    opened(page)
    strip = page.get_by_role("region", name="Items", exact=True)
    expect(strip.get_by_role("heading", name="2000 items", exact=True)).to_be_visible()
    expect(strip.get_by_text("4 Failed", exact=True)).to_be_visible()
    cells = strip.get_by_role("option")
    assert cells.count() < 600
    expect(cells.nth(0)).to_have_accessible_name("Item 499: Failed")
    bare(page, "the items of a list")
    picture(page, "items")
    strip.get_by_role("checkbox", name="Only failed", exact=True).check()
    expect(cells).to_have_count(4)
    strip.get_by_role("option", name="Item 999: Failed", exact=True).click()
    pane = page.get_by_role("region", name="Step Check each", exact=True)
    expect(pane.get_by_text("check[999]", exact=True)).to_be_visible()
    expect(pane.get_by_role("alert").or_(pane.get_by_text("zero")).first).to_be_visible()
    page.wait_for_url(lambda url: "step=check%5B999%5D" in url)
    picture(page, "failed-item")
    strip.get_by_role("listbox", name="Items", exact=True).focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(pane.get_by_text("check[499]", exact=True)).to_be_visible()
    strip.get_by_role("button", name="Run failed items again", exact=True).click()
    asks = page.get_by_role("dialog", name="Run the failed items of Check each again", exact=True)
    expect(asks.get_by_text("1996 are taken over", exact=True)).to_be_visible()
    bare(page, "failed items run again", BOX)
    asks.get_by_role("checkbox", name="Run all items again", exact=True).check()
    expect(page.get_by_role("dialog", name="Rerun from Check each", exact=True)).to_be_visible()
    page.keyboard.press("Escape")


def test_an_item_of_a_container_opens_the_steps_it_went_through(page: Page, product: Product, picture: Picture) -> None:
    run = started(product, made(product, "Shares of orders", LOOP))
    over(page, product, run)
    page.goto(f"/runs/{run}?tab=steps&step=loop&h=420")
    opened(page)
    strip = page.get_by_role("region", name="Items", exact=True)
    expect(strip.get_by_role("option").nth(0)).to_have_accessible_name("Item 2: Failed")
    strip.get_by_role("option", name="Item 0: Succeeded", exact=True).click()
    expect(strip.get_by_role("heading", name="Steps of item 0", exact=True)).to_be_visible()
    bare(page, "the steps of an item")
    picture(page, "steps-of-item")
    strip.get_by_role("button", name="Twice").click()
    pane = page.get_by_role("region", name="Step Twice", exact=True)
    expect(pane.get_by_text("loop[0]/twice", exact=True)).to_be_visible()
    expect(pane.get_by_text("4", exact=True).first).to_be_visible()


def test_two_runs_stand_beside_each_other_and_what_differs_is_shown(
    page: Page, product: Product, picture: Picture
) -> None:
    flow = made(product, "Two prices", BRANCHES)
    left = started(product, flow, input={"total": 5})
    right = started(product, flow, input={"total": 50})
    for run in (left, right):
        over(page, product, run)
    page.goto(f"/runs/{right}")
    opened(page)
    shows(page, "ask", "succeeded")
    expect(page.get_by_role("button", name="Next run", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Previous run", exact=True).click()
    page.wait_for_url(lambda url: left in url)
    shows(page, "ship", "succeeded")
    page.get_by_role("button", name="Next run", exact=True).click()
    page.wait_for_url(lambda url: right in url)
    page.get_by_role("button", name="Compare with the run before", exact=True).click()
    page.wait_for_url(lambda url: url.endswith(f"/compare/{left}/{right}"))
    opened(page)
    expect(page.get_by_role("heading", name="5 steps differ", exact=True)).to_be_visible()
    expect(page.get_by_test_id("pair-ask")).to_have_attribute("data-differs", "true")
    row = page.get_by_test_id("beside-big")
    expect(row.get_by_text("path", exact=True)).to_be_visible()
    page.get_by_test_id("beside-price").click()
    values = page.get_by_test_id("values")
    output = values.get_by_role("region", name="Output", exact=True)
    expect(output.get_by_role("row")).to_have_count(2)
    expect(output.get_by_role("row", name="total 5 50", exact=True)).to_be_visible()
    bare(page, "two runs that differ")
    picture(page, "compared")
    page.reload()
    expect(output.get_by_role("row", name="total 5 50", exact=True)).to_be_visible()
    page.get_by_role("button", name="Swap sides", exact=True).click()
    page.wait_for_url(lambda url: f"/compare/{right}/{left}" in url)
    page.goto(f"/runs/{right}?tab=runs")
    page.get_by_role("list", name="Runs", exact=True).get_by_role("link", name="Compare", exact=True).click()
    page.wait_for_url(lambda url: url.endswith(f"/compare/{left}/{right}"))


def test_runs_of_two_versions_show_what_the_versions_changed(page: Page, product: Product, picture: Picture) -> None:
    flow = made(product, "Grown flow", BRANCHES)
    product.post(f"/api/flows/{flow}/publish/", {"note": "first"})
    left = started(product, flow, draft=False, input={"total": 50})
    over(page, product, left)
    grown = {**BRANCHES, "nodes": [one for one in BRANCHES["nodes"] if one["id"] != "ask"]}
    grown["nodes"].append({"id": "tell", "type": "log", "label": "Tell", "position": at(840, 0),
                           "config": {"message": "big"}})  # fmt: skip
    grown["edges"] = [{**edge, "to": "tell"} if edge["to"] == "ask" else edge for edge in BRANCHES["edges"]]
    revision = product.get(f"/api/flows/{flow}/draft/")["revision"]
    product.client.put(f"/api/flows/{flow}/draft/", json={"document": grown, "revision": revision}).raise_for_status()
    product.post(f"/api/flows/{flow}/publish/", {"note": "second"})
    right = started(product, flow, draft=False, input={"total": 50})
    over(page, product, right)
    page.goto(f"/compare/{left}/{right}?step=tell")
    opened(page)
    expect(node(page, "tell")).to_have_attribute("data-mark", "added")
    expect(node(page, "ask")).to_have_attribute("data-mark", "removed")
    expect(page.get_by_test_id("beside-ask").get_by_text("not there", exact=True)).to_be_visible()
    expect(page.get_by_test_id("beside-price")).to_have_count(0)
    bare(page, "runs of two versions")
    picture(page, "versions")
