"""The tests of a flow in a real browser: made of a run, played, and what they never reach."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.audit import bare
from tests.e2e.hands import field, node, opened, saved, shows

Picture = Callable[[Page, str], None]

# The call is refused by the egress guard: a real answer from outside that a simulation can't find by itself.
BRANCH: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "call", "type": "http.request", "position": {"x": 300, "y": 0}, "on_error": "continue",
         "config": {"url": "http://127.0.0.1:9/"}},
        {"id": "fine", "type": "flow.if", "position": {"x": 600, "y": 0},
         "config": {"condition": "{{ nodes.call.error == null }}"}},
        {"id": "ship", "type": "log", "label": "Ship it", "position": {"x": 900, "y": -80}},
        {"id": "tell", "type": "data.transform", "position": {"x": 900, "y": 120},
         "config": {"value": "{{ nodes.call.error.code }}"}},
    ],
    "edges": [
        {"from": "start", "to": "call"},
        {"from": "call", "to": "fine"},
        {"from": "fine", "port": "true", "to": "ship"},
        {"from": "fine", "port": "false", "to": "tell"},
    ],
}  # fmt: skip


def test_a_test_is_made_of_a_run_played_and_tells_what_it_never_reaches(
    page: Page, product: Product, picture: Picture
) -> None:
    flow = product.post("/api/flows/", {"name": "Branch", "document": BRANCH})["id"]
    page.goto(f"/flows/{flow}")
    opened(page)
    page.get_by_role("button", name="Run", exact=True).click()
    shows(page, "tell", "succeeded")
    page.get_by_role("tab", name="Tests").click()
    expect(page.get_by_text("This flow has no tests yet.")).to_be_visible()
    page.get_by_role("button", name="Make a test of this run").click()
    tests = page.get_by_role("list", name="Tests").get_by_role("listitem")
    expect(tests).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("This flow has no tests yet.")).to_be_visible()
    page.get_by_role("button", name="Redo").click()
    expect(tests).to_have_count(1)

    page.get_by_role("button", name="Run all").click()
    expect(page.get_by_text("The test passed")).to_be_visible()
    expect(tests.get_by_role("img", name="Passed")).to_be_visible()
    coverage = page.get_by_role("region", name="Coverage")
    expect(coverage.get_by_text("4 of 5 nodes, 4 of 6 ports reached")).to_be_visible()
    expect(coverage.get_by_role("listitem")).to_have_text(["fine: port true", "Ship it"])
    bare(page, "tests that passed")
    picture(page, "passed")
    coverage.get_by_role("button", name="Ship it", exact=True).click()
    expect(page.locator('.react-flow__node.selected[data-id="ship"]')).to_be_visible()

    node(page, "tell").click()
    page.get_by_role("tab", name="Parameters").click()
    field(page, "value").fill("{{ 1 + 1 }}")
    expect(page.get_by_text("The draft has changed since.")).to_be_visible()
    page.get_by_role("button", name="Run all").click()
    expect(page.get_by_text("1 of 1 failed")).to_be_visible()
    expect(tests.get_by_text('the output is {"ship": null, "tell": 2}')).to_be_visible()
    bare(page, "a test that failed")
    picture(page, "failed")
    saved(page)
    (kept,) = product.get(f"/api/flows/{flow}/draft/")["document"]["tests"]
    assert (kept["expect"]["run"], list(kept["mocks"])) == ("succeeded", ["call"])
