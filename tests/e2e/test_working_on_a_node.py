"""Working on one node: run on what one types, keeps, catches, or finds in a run that failed."""

from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from bench.product import Product
from tests.e2e.audit import bare
from tests.e2e.hands import dialog, node, opened, past, shown_run, shows

Picture = Callable[[Page, str], None]

CHECK: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {
            "id": "order",
            "type": "data.set",
            "position": {"x": 300, "y": 0},
            "config": {"fields": {"total": "{{ input.get('total', 1) }}"}},
        },
        {
            "id": "check",
            "type": "code.python",
            "label": "Check the order",
            "position": {"x": 600, "y": 0},
            "config": {
                "input": {"total": "{{ nodes.order.total }}"},
                "code": "def run(input):\n    if input['total'] > 100:\n        raise ValueError('too much')\n    print('checked', input['total'])\n    return {'ok': input['total']}\n",
            },
        },
    ],
    "edges": [{"from": "start", "to": "order"}, {"from": "order", "to": "check"}],
}


def made(product: Product, name: str, document: dict[str, Any] = CHECK) -> str:
    flow = str(product.post("/api/flows/", {"name": name, "document": document})["id"])
    product.post(f"/api/flows/{flow}/publish/", {"note": "first"})
    return flow


def bench_of(page: Page, name: str) -> Locator:
    """The pane in which a node is tried."""
    node(page, name).click()
    page.get_by_role("tab", name="Try").click()
    return page.get_by_test_id("try-node")


def choose(page: Page, pane: Locator, option: str) -> None:
    pane.get_by_role("combobox", name="What it is given").click()
    page.get_by_role("option", name=option, exact=True).click()


def test_a_node_runs_alone_on_what_is_typed_and_kept_under_a_name(
    page: Page, product: Product, picture: Picture
) -> None:
    flow = made(product, "Typed by hand")
    page.goto(f"/flows/{flow}")
    opened(page)
    pane = bench_of(page, "check")
    choose(page, pane, "What I type")
    written = pane.locator(".cm-content")
    written.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text('{"input": {}, "nodes": {"order": {"total": 41}}}')
    pane.get_by_label("Name of the sample").fill("forty-one")
    pane.get_by_role("button", name="Keep it").click()
    expect(pane.get_by_role("combobox", name="What it is given")).to_have_value("forty-one")
    pane.get_by_role("button", name="Run it alone").click()
    shows(page, "check", "succeeded")
    bare(page, "a node that is tried")
    picture(page, "typed")
    run = product.get("/api/runs/", flow=flow)["results"][0]
    assert product.get(f"/api/runs/{run['id']}/")["output"] == {"ok": 41}
    assert [one["name"] for one in product.get(f"/api/flows/{flow}/samples/")["results"]] == ["forty-one"]


def test_a_failed_run_is_worked_on_where_it_failed(page: Page, product: Product, picture: Picture) -> None:
    flow = made(product, "Failed at night")
    failed = product.post(f"/api/flows/{flow}/runs/", {"input": {"total": 500}}, wait="60s")
    assert failed["status"] == "failed"
    page.goto(f"/runs/{failed['id']}?step=check&tab=steps")
    page.get_by_role("button", name="Work on it here").click()
    page.wait_for_url(f"**/flows/{flow}*")
    pane = page.get_by_test_id("try-node")
    expect(pane.get_by_role("combobox", name="What it is given")).to_have_value(f"Run #{failed['number']}")
    expect(pane.locator(".cm-content")).to_contain_text("500")
    picture(page, "loaded")
    pane.get_by_role("button", name="Run it alone").click()
    shows(page, "check", "failed")
    expect(page.get_by_text("too much").first).to_be_visible()


def test_a_run_begins_again_at_a_step_on_an_edited_input_and_its_logs_are_read(
    page: Page, product: Product, picture: Picture
) -> None:
    flow = made(product, "Run again by hand")
    failed = product.post(f"/api/flows/{flow}/runs/", {"input": {"total": 500}}, wait="60s")
    page.goto(f"/runs/{failed['id']}?step=order&tab=steps&h=420")
    opened(page)
    pane = page.get_by_role("region", name="Step order", exact=True)
    pane.get_by_role("button", name="Rerun from here").click()
    asking = dialog(page, "Rerun from order")
    expect(asking).to_contain_text("Outputs reused")
    asking.get_by_role("checkbox", name="Change the input").check()
    asking.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text('{"total": 7}')
    picture(page, "edited")
    asking.get_by_role("button", name="Rerun", exact=True).click()
    page.wait_for_url(lambda url: failed["id"] not in url)
    shows(page, "check", "succeeded")
    again = page.url.partition("/runs/")[2].partition("?")[0] or shown_run(page)
    assert product.get(f"/api/runs/{again}/")["output"] == {"ok": 7}
    assert "step_started" not in past(product, again, "start"), "what stands before the step is taken over"

    page.get_by_role("tab", name="Logs").click()
    logs = page.get_by_role("region", name="Runs and problems")
    expect(logs.get_by_text("checked 7")).to_be_visible()
    logs.get_by_text("Journal", exact=True).click()
    expect(logs.get_by_text("step_succeeded").first).to_be_visible()
    expect(logs.get_by_text("checked 7")).to_have_count(0)
    bare(page, "a run's journal")
    picture(page, "journal")
    logs.get_by_role("button", name="check", exact=True).first.click()
    expect(page.get_by_role("region", name="Step Check the order", exact=True)).to_be_visible()


def test_the_next_delivery_to_a_draft_is_caught_and_teaches_its_fields(
    page: Page, product: Product, picture: Picture
) -> None:
    hooked: dict[str, Any] = {
        "dsl": 1,
        "nodes": [
            {"id": "hook", "type": "trigger.webhook", "position": {"x": 0, "y": 0}, "config": {"path": "caught"}},
            {"id": "say", "type": "log", "position": {"x": 300, "y": 0}, "config": {"message": "hi"}},
        ],
        "edges": [{"from": "hook", "to": "say"}],
    }
    flow = str(product.post("/api/flows/", {"name": "Not published", "document": hooked})["id"])
    slug = product.get("/api/workspaces/")["results"][0]["slug"]
    page.goto(f"/flows/{flow}")
    opened(page)
    pane = bench_of(page, "hook")
    pane.get_by_role("button", name="Catch the next delivery").click()
    expect(pane.get_by_role("status")).to_contain_text("Listening")
    bare(page, "a webhook that is listened on")
    picture(page, "listening")
    sent = httpx.post(f"{product.url}/hooks/{slug}/caught", json={"order": "A-7", "total": 12})
    assert (sent.status_code, sent.json()) == (202, {"caught": "Caught 1"})
    expect(pane.locator(".cm-content")).to_contain_text("A-7")
    pane.get_by_role("button", name="Learn the inputs from it").click()
    picture(page, "caught")
    pane.get_by_role("button", name="Run the flow with it").click()
    shows(page, "say", "succeeded")
    inputs = product.get(f"/api/flows/{flow}/draft/")["document"]["inputs"]
    assert inputs["properties"]["body"]["properties"] == {"order": {"type": "string"}, "total": {"type": "integer"}}
    page.get_by_role("button", name="Undo").click()
    pane.get_by_role("button", name="Remove the sample Caught 1").click()
    expect(pane.get_by_role("combobox", name="What it is given")).to_have_value("What the last run gave")
