"""A run asks, a person decides on the approvals page with real clicks, the run goes on."""

from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.product import Product
from tests.e2e.hands import sign_in, window
from tests.e2e.test_axe import SCHEMES, dressed, findings

Picture = Callable[[Page, str], None]
FORM = {
    "type": "object",
    "properties": {"amount": {"type": "integer", "title": "Amount", "maximum": 100}},
    "required": ["amount"],
}


def asking(title: str, **config: Any) -> dict[str, Any]:
    asked = {"title": title, "message": "The customer says it arrived broken.", "assignees": {"users": ["admin"]}}
    return {
        "dsl": 1,
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "ask", "type": "flow.approval", "config": asked | config},
            {"id": "refund", "type": "data.set", "config": {"fields": {"by": "{{ nodes.ask.votes[0].by }}"}}},
        ],
        "edges": [{"from": "start", "to": "ask"}, {"from": "ask", "to": "refund", "port": "approved"}],
    }


def run_of(product: Product, title: str, **config: Any) -> str:
    flow = product.post("/api/flows/", {"name": "Refunds", "document": asking(title, **config)})["id"]
    product.post(f"/api/flows/{flow}/publish/", {"note": ""})
    return str(product.post(f"/api/flows/{flow}/runs/", {"input": {}})["id"])


def test_a_decision_on_the_page_lets_the_run_go_on(page: Page, product: Product, picture: Picture) -> None:
    run = run_of(product, "Refund order A-1042?", form=FORM, comment=True, timeout="2d")
    page.goto("/approvals")
    card = page.get_by_role("article", name="Refund order A-1042?")
    expect(card).to_contain_text("The customer says it arrived broken.")
    approve = card.get_by_role("button", name="Approve")
    expect(approve).to_be_disabled()
    card.get_by_label("Comment").fill("Seen the photo")
    card.get_by_role("textbox", name="Amount").fill("40")
    picture(page, "asked")
    approve.click()
    expect(card).to_have_count(0)
    page.get_by_text("Closed", exact=True).click()
    closed = page.get_by_role("article", name="Refund order A-1042?")
    expect(closed).to_contain_text("Seen the photo")
    picture(page, "closed")
    page.goto(f"/runs/{run}")
    expect(page.get_by_text("Succeeded", exact=True).first).to_be_visible()
    assert product.get(f"/api/runs/{run}/")["output"] == {"by": "admin"}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_is_open_to_everyone(
    browser: Browser, product: Product, picture: Picture, width: int, scheme: Literal["light", "dark"]
) -> None:
    title = f"Publish the list of {width} in {scheme}?"
    run_of(product, title, form=FORM, quorum=2)
    shown = window(
        browser, product, viewport={"width": width, "height": 844}, locale="ko-KR" if width == 390 else "en-US"
    )
    try:
        sign_in(shown, product) if width != 390 else _sign_in_korean(shown, product)
        shown.goto("/approvals")
        expect(shown.get_by_role("article", name=title)).to_be_visible()
        dressed(shown, scheme)
        picture(shown, f"{width}-{scheme}")
        assert findings(shown) == []
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        shown.context.close()


def _sign_in_korean(page: Page, product: Product) -> None:
    page.goto("/")
    page.locator('input[name="username"]').fill("admin")
    page.locator('input[name="password"]').fill(product.password)
    page.keyboard.press("Enter")
    expect(page.locator('nav a[href="/approvals"]')).to_be_visible()
