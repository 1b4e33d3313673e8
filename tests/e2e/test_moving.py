"""A run that waits is given a mended version in a real browser, and its past is drawn by the version it went by then."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.audit import BOX, bare
from tests.e2e.hands import dialog, node, shows

Picture = Callable[[Page, str], None]


def document(*names: str) -> dict[str, Any]:
    """Steps one after the other; `paid` waits to be told so."""
    kinds: dict[str, dict[str, Any]] = {
        "start": {"type": "trigger.manual"},
        "paid": {"type": "flow.signal", "config": {"name": "paid"}},
    }
    other = {"type": "data.set", "config": {"fields": {"x": 1}}}
    nodes = [
        {"id": name, "position": {"x": 280 * place, "y": 0}, **kinds.get(name, other)}
        for place, name in enumerate(names)
    ]
    edges = [{"from": one, "to": two} for one, two in pairwise(names)]
    return {"dsl": 1, "nodes": nodes, "edges": edges}


def published(product: Product, flow: str, made: dict[str, Any]) -> None:
    revision = product.get(f"/api/flows/{flow}/draft/")["revision"]
    product.client.put(f"/api/flows/{flow}/draft/", json={"document": made, "revision": revision}).raise_for_status()
    product.post(f"/api/flows/{flow}/publish/", {})


def test_a_run_is_moved_to_a_mended_version_and_its_past_is_shown_by_the_one_before(
    page: Page, product: Product, picture: Picture
) -> None:
    flow = product.post("/api/flows/", {"name": "Mended", "document": document("start", "old", "paid", "hush")})["id"]
    product.post(f"/api/flows/{flow}/publish/", {})
    run = product.post(f"/api/flows/{flow}/runs/", {"input": {}})["id"]
    published(product, flow, document("start", "check", "paid", "tell"))
    published(product, flow, document("start", "paid", "tell"))
    page.goto(f"/runs/{run}")
    shows(page, "paid", "waiting")
    page.get_by_role("button", name="Move to another version").click()
    number = product.get(f"/api/runs/{run}/")["number"]
    asked = dialog(page, f"Move run #{number} from v1 to another version")
    choice = asked.get_by_role("combobox", name="To the version")
    choice.click()
    page.get_by_role("option", name="v2").click()
    expect(asked.get_by_text("The run can't be moved there:")).to_be_visible()
    expect(asked.get_by_role("button", name="Move", exact=True)).to_be_disabled()
    bare(page, "why a run can't be moved", BOX)
    choice.click()
    page.get_by_role("option", name="v3").click()
    expect(asked.get_by_text("paid goes on waiting for the signal paid.")).to_be_visible()
    bare(page, "a move")
    picture(page, "looked-at")
    expect(node(page, "hush")).to_be_visible()  # what the run goes by, not the draft
    expect(node(page, "tell")).to_have_count(0)
    asked.get_by_role("button", name="Move", exact=True).click()
    expect(asked).to_have_count(0)
    expect(node(page, "tell")).to_be_visible()
    expect(node(page, "hush")).to_have_count(0)
    product.post(f"/api/runs/{run}/signals/paid/", {"payload": {}})
    shows(page, "tell", "succeeded")
    page.goto(f"/runs/{run}?at=5&tab=steps")
    shows(page, "old", "succeeded")
    expect(node(page, "hush")).to_be_visible()
    expect(node(page, "tell")).to_have_count(0)
    steps = page.get_by_role("list", name="Steps")
    expect(steps.get_by_role("button").filter(has_text="hush")).to_be_visible()
    expect(steps.get_by_role("button").filter(has_text="tell")).to_have_count(0)
    bare(page, "a run before its move")
    picture(page, "before-it")
    page.get_by_role("button", name="Back to the end", exact=True).click()
    shows(page, "tell", "succeeded")
    expect(node(page, "hush")).to_have_count(0)
