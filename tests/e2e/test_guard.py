"""Publish three versions, break the third, watch the guard roll it back by itself."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.audit import BOX, bare
from tests.e2e.hands import saved

Picture = Callable[[Page, str], None]


def document(greeting: str, code: str = "") -> dict[str, Any]:
    config = {"input": "{{ input }}", "code": f"def run(input):\n    {code or 'return input'}"}
    return {
        "dsl": 1,
        "nodes": [
            {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
            {"id": "greet", "type": "data.set", "config": {"fields": {"x": greeting}}, "position": {"x": 260, "y": 0}},
            {"id": "work", "type": "code.python", "config": config, "position": {"x": 520, "y": 0}},
        ],
        "edges": [{"from": "start", "to": "greet"}, {"from": "greet", "to": "work"}],
    }


def broken_at_last(product: Product) -> str:
    """A flow of two versions that are sound, whose draft is not."""
    flow: str = product.post("/api/flows/", {"name": "Guarded", "document": document("Hello")})["id"]
    product.post(f"/api/flows/{flow}/publish/", {"note": "first"})
    draft = product.get(f"/api/flows/{flow}/draft/")
    body = {"document": document("Good day"), "revision": draft["revision"]}
    draft = product.client.put(f"/api/flows/{flow}/draft/", json=body).json()
    product.post(f"/api/flows/{flow}/publish/", {"note": "second"})
    broken = document("Good night", "raise ValueError('broken')")
    product.client.put(f"/api/flows/{flow}/draft/", json={"document": broken, "revision": draft["revision"]})
    return flow


def test_a_broken_third_version_is_taken_back_by_its_guard(page: Page, product: Product, picture: Picture) -> None:
    flow = broken_at_last(product)
    page.goto(f"/flows/{flow}")
    saved(page)
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("A few at first, watched by guards").check()
    bare(page, "publishing to a few", BOX)
    picture(page, "publish")
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Version 3 begins with 5 % of new runs")).to_be_visible()
    assert product.get(f"/api/flows/{flow}/")["live_version"] == 2

    page.goto(f"/flows/{flow}?side=versions")
    card = page.get_by_test_id("canary")
    expect(card).to_contain_text("Canary v3")
    answer = product.post(f"/api/flows/{flow}/runs/batch/", {"inputs": [{"n": n} for n in range(30)]})
    assert answer["count"] == 30
    for number in range(8):
        product.post(f"/api/flows/{flow}/runs/", {"input": {"n": number}, "version": 3})
    expect(card.get_by_role("row", name="Errors")).to_contain_text("100 %", timeout=60_000)
    bare(page, "a canary")
    picture(page, "side-by-side")
    for number in range(20):
        product.post(f"/api/flows/{flow}/runs/", {"input": {"n": number}, "version": 3})
    guard = page.get_by_test_id("guard")
    expect(guard).to_contain_text("A guard took v3 back", timeout=60_000)
    expect(guard).to_contain_text("errors 100 % are over 5 %")
    bare(page, "a canary that was taken back")
    picture(page, "taken-back")

    found = product.get(f"/api/flows/{flow}/")
    assert (found["live_version"], found["canary"]) == (2, None)
    newest = product.get(f"/api/flows/{flow}/releases/")["results"][0]
    assert newest["kind"] == "guard"
    blamed = product.get(f"/api/runs/{newest['evidence']['runs'][0]}/")
    assert (blamed["version"], blamed["status"]) == (3, "failed")
    alerts = [alert for alert in product.get("/api/alerts/")["results"] if alert["code"] == "canary_guard"]
    assert alerts[0]["message"] == newest["reason"]

    page.goto(f"/admin/flows/flow/{flow}/change/")
    expect(page.get_by_text("rolled back by a guard")).to_be_visible()
    expect(page.get_by_text("errors 100 % are over 5 %")).to_be_visible()
    picture(page, "admin")
