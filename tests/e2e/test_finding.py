"""Ctrl-K over all there is, by keyboard alone; and names typed in one place, with the focus back where it was."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.product import Product
from tests.e2e.hands import field, joined, look_for, node, opened, saved

DOCUMENT: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "weigh", "type": "log", "label": "Weigh the zebrafish", "position": {"x": 280, "y": 0},
         "config": {"message": "hello"}},
    ],
    "edges": [{"from": "start", "to": "weigh"}],
}  # fmt: skip


@pytest.fixture
def flow(product: Product) -> str:
    return str(product.post("/api/flows/", {"name": "Aquarium of finding", "document": DOCUMENT})["id"])


def test_what_stands_in_no_list_here_is_found_by_the_server_and_gone_to_by_keys(
    page: Page, product: Product, flow: str
) -> None:
    values = {"scheme": "bearer", "token": "a-secret"}
    product.post("/api/credentials/", {"name": "zebrafish-scales", "kind": "http", "values": values})
    product.post(f"/api/flows/{flow}/publish/", {"note": "Feeding at noon"})
    run = product.post(f"/api/flows/{flow}/runs/", {"input": {}}, wait="30s")
    page.goto("/settings/profile")
    expect(page.get_by_role("tab").first).to_be_visible()
    look_for(page, "weigh zebra", "Weigh the zebrafish")
    opened(page)
    expect(page.get_by_label("Name: Weigh the zebrafish")).to_be_visible()
    page.wait_for_url(lambda url: url.endswith(f"/flows/{flow}"))
    look_for(page, "fish-sc", "zebrafish-scales")
    page.wait_for_url("**/credentials")
    look_for(page, run["id"][:20], f"Aquarium of finding #{run['number']}")
    page.wait_for_url(lambda url: f"/runs/{run['id']}" in url)
    look_for(page, "feeding", "Aquarium of finding · v1")
    page.wait_for_url(lambda url: f"/flows/{flow}?side=versions" in url)
    expect(page.get_by_role("complementary", name="Versions")).to_be_visible()


def test_a_field_is_found_by_what_stands_in_it_and_typed_into(page: Page, product: Product, flow: str) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    look_for(page, "hello", "Message")
    expect(field(page, "message")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("goodbye")
    saved(page)
    (_, kept) = product.get(f"/api/flows/{flow}/draft/")["document"]["nodes"]
    assert kept["config"]["message"] == "goodbye"
    look_for(page, "appro", "Approvals")
    page.wait_for_url("**/approvals")


def test_a_language_is_found_by_its_english_name_whichever_is_spoken(browser: Browser, product: Product) -> None:
    page = joined(browser, product, "haru", "viewer")
    look_for(page, "korea", "한국어")
    expect(page.get_by_role("heading", name="플로", exact=True)).to_be_visible()
    look_for(page, "engl", "English")
    expect(page.get_by_role("heading", name="Flows", exact=True)).to_be_visible()
    page.context.close()


def test_a_name_is_typed_in_one_field_and_its_end_gives_the_focus_back(page: Page, product: Product, flow: str) -> None:
    page.goto(f"/flows/{flow}?node=weigh")
    opened(page)
    card = page.locator('.react-flow__node[data-id="weigh"]')
    expect(card).to_be_focused()
    page.keyboard.press("F2")
    expect(node(page, "weigh").get_by_role("textbox")).to_be_focused()
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_count(0)
    page.keyboard.type("Weigh all")
    page.keyboard.press("Enter")
    expect(node(page, "weigh")).to_contain_text("Weigh all")
    expect(card).to_be_focused()
    page.mouse.move(500, 500)
    page.keyboard.down("Control")
    for _ in range(12):
        page.mouse.wheel(0, 200)
    page.keyboard.up("Control")
    expect(page.get_by_role("button", name="Zoom to 100 %")).to_have_text("10 %")
    page.keyboard.press("F2")
    head = page.get_by_role("textbox", name="Name", exact=True)
    expect(head).to_be_focused()
    page.keyboard.type("From afar")
    page.keyboard.press("Enter")
    expect(card).to_be_focused()
    identifier = page.get_by_role("button", name="Id, by which expressions refer to it: weigh")
    identifier.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("scale")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Id, by which expressions refer to it: scale")).to_be_focused()
    saved(page)
    (_, kept) = product.get(f"/api/flows/{flow}/draft/")["document"]["nodes"]
    assert (kept["id"], kept["label"]) == ("scale", "From afar")
