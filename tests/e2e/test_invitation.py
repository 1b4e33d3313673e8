"""An admin invites, a stranger with a small telephone joins by the link."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.product import Product
from tests.e2e.audit import SCHEMES, findings
from tests.e2e.hands import window

pytestmark = pytest.mark.browser

PASSWORD = "water-flows-down-1"


def test_a_stranger_joins_by_the_link_and_lands_in_the_workspace(
    page: Page, product: Product, browser: Browser, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/settings/members")
    page.get_by_label("E-mail").fill("new@mulgil.example")
    page.get_by_role("button", name="Invite", exact=True).click()
    link = page.get_by_text("/join/#")
    expect(link).to_be_visible()
    address = (link.text_content() or "").strip()

    stranger = window(browser, product, viewport={"width": 390, "height": 844}, locale="ko-KR")
    asked: list[str] = []
    stranger.on("request", lambda request: asked.append(request.url))
    stranger.goto(address)
    expect(stranger.get_by_role("heading", name="Home에 참여")).to_be_visible()
    picture(stranger, "invitation")
    assert stranger.evaluate("document.documentElement.scrollWidth") <= 390
    stranger.get_by_role("button", name="English").click()
    expect(stranger.get_by_role("heading", name="Join Home")).to_be_visible()
    for scheme in SCHEMES:
        stranger.emulate_media(color_scheme=scheme)
        assert findings(stranger) == [], scheme

    stranger.get_by_label("Choose a user name").fill("newcomer")
    stranger.get_by_label("Choose a password").fill("short")
    stranger.get_by_role("button", name="Join the workspace").click()
    expect(stranger.get_by_role("alert")).to_contain_text("too short")
    picture(stranger, "refused")
    stranger.get_by_label("Choose a password").fill(PASSWORD)
    stranger.get_by_role("button", name="Join the workspace").click()
    expect(stranger.get_by_role("heading", name="Flows", exact=True)).to_be_visible()
    picture(stranger, "joined")
    secret = address.partition("#")[2]
    assert secret
    assert not any(secret in url.partition("#")[0] for url in asked)
    stranger.context.close()
