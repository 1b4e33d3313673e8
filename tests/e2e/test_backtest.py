"""Before publishing, the draft is tried on the runs that were; a changed branch is found."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.audit import BOX, bare
from tests.e2e.hands import saved

Picture = Callable[[Page, str], None]


def document(limit: int) -> dict[str, Any]:
    condition = f"{{{{ input.amount > {limit} }}}}"
    return {
        "dsl": 1,
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "big", "type": "flow.if", "config": {"condition": condition}, "position": {"x": 260, "y": 0}},
            {"id": "ask", "type": "log", "config": {"message": "too much"}, "position": {"x": 520, "y": 0}},
            {"id": "pay", "type": "log", "config": {"message": "paid"}, "position": {"x": 520, "y": 140}},
        ],
        "edges": [
            {"from": "start", "to": "big"},
            {"from": "big", "port": "true", "to": "ask"},
            {"from": "big", "port": "false", "to": "pay"},
        ],
    }


def test_a_changed_branch_is_found_before_it_is_published(page: Page, product: Product, picture: Picture) -> None:
    flow = product.post("/api/flows/", {"name": "Tried on the past", "document": document(100)})["id"]
    product.post(f"/api/flows/{flow}/publish/", {"note": "first"})
    for amount in (5, 50, 500):
        product.post(f"/api/flows/{flow}/runs/", {"input": {"amount": amount}}, wait="30s")
    revision = product.get(f"/api/flows/{flow}/draft/")["revision"]
    product.client.put(f"/api/flows/{flow}/draft/", json={"document": document(10), "revision": revision})

    page.goto(f"/flows/{flow}")
    saved(page)
    page.get_by_role("button", name="Publish", exact=True).click()
    tried = page.get_by_role("dialog").get_by_test_id("backtest")
    tried.get_by_role("button", name="Try it on the last 20 runs").click()
    expect(tried).to_contain_text("2 of 3 runs come out the same")
    differs = tried.get_by_role("listitem")
    expect(differs).to_have_count(1)
    expect(differs).to_contain_text("differs")
    differs.locator("summary").click(position={"x": 300, "y": 10})
    expect(differs.get_by_role("row", name="pay: state")).to_contain_text("Skipped")
    bare(page, "a draft tried on the past", BOX)
    picture(page, "found")
    assert [run["number"] for run in product.get("/api/runs/", flow=flow)["results"]] == [3, 2, 1]
