"""Two versions held against each other on the canvas and token by token; then the way back and its undo, by hand."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.audit import BOX, bare
from tests.e2e.hands import node

Picture = Callable[[Page, str], None]


def document(limit: int, *, target: str, more: list[dict[str, Any]]) -> dict[str, Any]:
    condition = f"{{{{ input.amount > {limit} }}}}"
    nodes = [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "big", "type": "flow.if", "config": {"condition": condition}, "position": {"x": 260, "y": 0}},
        {"id": "say", "type": "log", "config": {"message": "paid"}, "position": {"x": 520, "y": -80}},
        *more,
    ]
    edges = [{"from": "start", "to": "big"}, {"from": "big", "port": "true", "to": target}]
    edges += [
        {"from": "start", "to": "say"},
        *({"from": "say", "to": one["id"]} for one in more if one["id"] != target),
    ]
    return {"dsl": 1, "nodes": nodes, "edges": edges}


def test_versions_are_compared_on_the_canvas_and_rolled_back_and_forth(
    page: Page, product: Product, picture: Picture
) -> None:
    old = {"id": "ask", "type": "log", "config": {"message": "ask"}, "position": {"x": 520, "y": 80}}
    new = {"id": "tell", "type": "log", "config": {"message": "tell"}, "position": {"x": 520, "y": 80}}
    flow = product.post("/api/flows/", {"name": "Compared", "document": document(100, target="ask", more=[old])})["id"]
    product.post(f"/api/flows/{flow}/publish/", {"note": "first"})
    draft = product.get(f"/api/flows/{flow}/draft/")
    body = {"document": document(1000, target="say", more=[new]), "revision": draft["revision"]}
    product.client.put(f"/api/flows/{flow}/draft/", json=body).raise_for_status()
    product.post(f"/api/flows/{flow}/publish/", {"note": "second"})

    page.goto(f"/flows/{flow}?side=versions")
    page.get_by_role("button", name="Actions for version 1").click()
    page.get_by_role("menuitem", name="Compare with the draft").click()
    page.get_by_role("combobox", name="After").click()
    page.get_by_role("option", name="v2").click()
    for name, mark in (("big", "changed"), ("ask", "removed"), ("tell", "added")):
        expect(node(page, name).locator(f"[data-mark='{mark}']").first).to_be_visible()
    side = page.locator("[data-region='versions']")
    expect(side).to_contain_text("Re-wired big.true → ask to big.true → say")
    side.get_by_role("button", name="Changed config.condition of big").click()
    expect(side.locator("del")).to_have_text("100")
    expect(side.locator("ins")).to_have_text("1000")
    bare(page, "versions that differ")
    picture(page, "compared")

    asked = ((1, 2, "Roll back to", "too few were asked"), (2, 1, "Release", "it was not that"))
    for number, other, verb, reason in asked:
        page.get_by_role("button", name=f"Actions for version {number}").click()
        page.get_by_role("menuitem", name=f"{verb} v{number}…").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Changed config.condition of big")
        dialog.get_by_label("Reason").fill(reason)
        if number == 1:
            bare(page, "the way back", BOX)
            picture(page, "asked")
        dialog.get_by_role("button", name=f"{verb} v{number}").click()
        expect(page.get_by_role("listitem").filter(has_text=f"v{number}").filter(has_text="live")).to_be_visible()
        newest = product.get(f"/api/flows/{flow}/releases/")["results"][0]
        assert (newest["live_version"], newest["previous_version"], newest["reason"]) == (number, other, reason)
