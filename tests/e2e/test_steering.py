"""Steering in a real browser: what a crash would do and its mends, breakpoints, an edited input."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.audit import BOX, bare
from tests.e2e.hands import node, saved

Picture = Callable[[Page, str], None]

CHARGE: dict[str, Any] = {
    "dsl": 1,
    "settings": {"on_failure": "compensate"},
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "charge", "type": "http.request", "label": "Charge card", "position": {"x": 300, "y": 0},
         "config": {"method": "POST", "url": "https://pay.example/charges"}},
        {"id": "ship", "type": "http.request", "position": {"x": 600, "y": 0}, "config": {"url": "https://ship.example"}},
        {"id": "refund", "type": "http.request", "position": {"x": 300, "y": 200},
         "config": {"method": "POST", "url": "https://pay.example/refunds"}},
    ],
    "edges": [
        {"from": "start", "to": "charge"},
        {"from": "charge", "to": "ship"},
        {"from": "charge", "port": "compensate", "to": "refund"},
    ],
}  # fmt: skip
ADDS: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "one", "type": "data.set", "position": {"x": 300, "y": 0}, "config": {"fields": {"x": 4}}},
        {"id": "two", "type": "data.transform", "position": {"x": 600, "y": 0},
         "config": {"value": "{{ nodes.one.x + 1 }}"}},
    ],
    "edges": [{"from": "start", "to": "one"}, {"from": "one", "to": "two"}],
}  # fmt: skip


def opened(page: Page, product: Product, name: str, document: dict[str, Any]) -> str:
    """The id of a new flow of this document, which is open."""
    made: str = product.post("/api/flows/", {"name": name, "document": document})["id"]
    page.goto(f"/flows/{made}")
    expect(node(page, "start")).to_be_visible()
    return made


def test_what_a_crash_would_do_is_shown_and_mended_by_a_click(page: Page, product: Product, picture: Picture) -> None:
    flow = opened(page, product, "Charges", CHARGE)
    page.get_by_role("tab", name="Problems").click()
    report = page.get_by_role("region", name="What to know before publishing")
    expect(report.get_by_text("charge may be sent twice")).to_be_visible()
    expect(report.get_by_text("refund is tried once")).to_be_visible()
    bare(page, "what to know before publishing")
    picture(page, "findings")
    row = report.get_by_role("listitem").filter(has_text="charge may be sent twice")
    row.get_by_role("button", name="Send at most once", exact=True).click()
    report.get_by_role("listitem").filter(has_text="refund is tried once").get_by_role("button").last.click()
    expect(report.get_by_text("charge may be sent twice")).to_have_count(0)
    expect(report.get_by_text("refund is tried once")).to_have_count(0)
    saved(page)
    picture(page, "mended")
    nodes = {one["id"]: one for one in product.get(f"/api/flows/{flow}/draft/")["document"]["nodes"]}
    assert (nodes["charge"]["effect"], nodes["refund"]["retry"]["max_attempts"]) == ("once", 5)


def test_a_run_stops_at_a_breakpoint_and_goes_on_with_an_edited_input(
    page: Page, product: Product, picture: Picture
) -> None:
    opened(page, product, "Adds", ADDS)
    node(page, "two").click()
    page.keyboard.press("b")
    expect(page.get_by_test_id("breakpoint-two")).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(node(page, "two")).to_have_attribute("data-status", "waiting")
    picture(page, "stopped")
    page.get_by_role("tab", name="Steps").click()
    page.get_by_role("region", name="Runs").get_by_text("two").first.click()
    held = page.get_by_role("group", name="Stopped at a breakpoint")
    expect(held).to_be_visible()
    bare(page, "a run at a breakpoint")
    picture(page, "held")
    held.get_by_role("button", name="Edit the input").click()
    dialog = page.get_by_role("dialog")
    dialog.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text('{"value": 40}')
    bare(page, "another input at a breakpoint", BOX)
    picture(page, "edited")
    dialog.get_by_role("button", name="Continue with this").click()
    expect(node(page, "two")).to_have_attribute("data-status", "succeeded")
    run = page.url.split("run=")[1].split("&")[0]
    assert product.get(f"/api/runs/{run}/")["output"] == 40
    picture(page, "went-on")
