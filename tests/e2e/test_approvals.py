"""A run asks, a person decides on the approvals page with real clicks, the run goes on."""

import time
from collections.abc import Callable
from typing import Any, Literal

import pytest
from django.core.signing import Signer
from playwright.sync_api import Browser, Page, expect

from bench.product import Product
from tests.e2e.audit import SCHEMES, dressed, findings
from tests.e2e.hands import PATIENCE, sign_in, window

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


def asked_of(product: Product, title: str) -> dict[str, Any]:
    """The approval of this title, once its run has asked."""
    ends = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < ends:
        found = [one for one in product.get("/api/approvals/")["results"] if one["title"] == title]
        if found:
            return dict(found[0])
        time.sleep(0.1)
    raise AssertionError(f"nobody was asked {title}")


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
    board = f"board {width} {scheme}"
    me = product.get("/api/members/")["results"][0]["id"]
    product.post("/api/groups/", {"name": board, "members": [me]})
    asks = {"users": ["admin"], "groups": [board]}
    later = [{"after": "1h", "assignees": {"roles": ["admin"], "users": ["kim"]}}]
    run_of(product, title, form=FORM, quorum=2, assignees=asks, escalation=later)
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


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [1280, 390])
def test_the_letter_s_page_fits_shows_by_get_and_decides_by_a_click(
    browser: Browser, product: Product, picture: Picture, width: int, scheme: Literal["light", "dark"]
) -> None:
    title = f"Refund the order of {width} in {scheme}?"
    run_of(product, title, timeout="2d", on_timeout="reject", quorum=1)
    asked = asked_of(product, title)
    me = product.get("/api/session/")["user"]["id"]
    key = (product.data / "secret-key").read_text().strip()
    signed = Signer(key=key, salt="flows.approval_letter").sign_object([asked["id"], me])
    shown = window(
        browser,
        product,
        viewport={"width": width, "height": 844},
        locale="ko-KR" if width == 390 else "en-US",
        color_scheme=scheme,
    )
    try:
        shown.goto(f"/decide/{signed}/")
        expect(shown.get_by_role("heading", name=title)).to_be_visible()
        picture(shown, f"letter-{width}-{scheme}")
        assert findings(shown) == []
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        shown.reload()
        assert product.get(f"/api/approvals/{asked['id']}/")["votes"] == []
        shown.locator('button[value="approved"]').click()
        expect(shown.get_by_role("status")).to_have_text(title)
        picture(shown, f"decided-{width}-{scheme}")
        told = product.get(f"/api/approvals/{asked['id']}/")
        assert [vote["by"] for vote in told["votes"]] == ["admin"]
        shown.goto(f"/decide/{signed}/")
        expect(shown.get_by_role("alert")).to_be_visible()
        picture(shown, f"over-{width}-{scheme}")
        assert findings(shown) == []
    finally:
        shown.context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_group_is_made_filled_and_emptied_in_the_settings(
    page: Page, product: Product, picture: Picture, scheme: Literal["light", "dark"]
) -> None:
    name = f"On call, {scheme}"
    page.goto("/settings/members")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_placeholder("Choose people").first.click()
    page.get_by_role("option", name="admin").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Make group").click()
    group = page.get_by_role("listitem", name=name)
    expect(group).to_contain_text("admin")
    dressed(page, scheme)
    picture(page, f"groups-{scheme}")
    assert findings(page) == []
    group.get_by_role("button", name=f"Take admin out of {name}").click()
    expect(group).to_contain_text("Nobody is in it")
    page.set_viewport_size({"width": 390, "height": 844})
    picture(page, f"groups-narrow-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    group.get_by_placeholder("Choose people").click()
    page.get_by_role("option", name="admin").click()
    expect(group.get_by_role("button", name=f"Take admin out of {name}")).to_be_visible()
    group.get_by_role("button", name=f"Remove the group {name}").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(group).to_have_count(0)
    assert name not in [one["name"] for one in product.get("/api/groups/")["results"]]


def _sign_in_korean(page: Page, product: Product) -> None:
    page.goto("/")
    page.locator('input[name="username"]').fill("admin")
    page.locator('input[name="password"]').fill(product.password)
    page.keyboard.press("Enter")
    expect(page.locator('nav a[href="/approvals"]')).to_be_visible()
