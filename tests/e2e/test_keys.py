"""Keys of one's own: given by pressing them, asked about where another has them, kept in the profile."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bench.product import Product
from tests.e2e.audit import BOX, bare
from tests.e2e.hands import dialog, node, opened, sign_in, window


@pytest.fixture
def flow(product: Product) -> str:
    return str(product.post("/api/flows/", {"name": "Keys"})["id"])


def open_flow(page: Page, flow: str) -> None:
    page.goto(f"/flows/{flow}")
    expect(node(page, "start")).to_be_visible()
    opened(page)


def row(page: Page, command: str) -> Locator:
    return page.get_by_test_id(f"keys-{command}")


def they_follow(browser: Browser, product: Product, flow: str) -> None:
    """They are the person's, not the browser's; menus and tooltips say them; and they go back to what they were."""
    other = window(browser, product, viewport={"width": 1280, "height": 800})
    sign_in(other, product)
    open_flow(other, flow)
    expect(other.get_by_role("toolbar").get_by_role("button", name="Hand")).to_have_attribute("title", "Hand (Shift+N)")
    other.locator(".react-flow__pane").click(button="right", position={"x": 400, "y": 60})
    expect(other.get_by_role("menuitem", name="Add a sticky note")).to_contain_text("CtrlShiftL")
    other.keyboard.press("Escape")
    other.keyboard.press("?")
    sheet = dialog(other, "Keyboard")
    sheet.get_by_role("button", name="Change keys", exact=True).click()
    sheet.get_by_role("button", name="Reset all").click()
    expect(sheet.get_by_role("button", name="Reset all")).to_have_count(0)
    other.keyboard.press("Escape")
    expect(other.get_by_role("toolbar").get_by_role("button", name="Hand")).to_have_attribute("title", "Hand (H)")
    assert product.get("/api/session/")["keys"] == {}
    other.context.close()


def test_keys_are_changed_without_stealing_and_follow_the_person(
    page: Page, browser: Browser, product: Product, flow: str, picture: Callable[[Page, str], None]
) -> None:
    open_flow(page, flow)
    page.keyboard.press("?")
    sheet = dialog(page, "Keyboard")
    sheet.get_by_role("button", name="Change keys", exact=True).click()

    # Keys that another command has are not taken without asking.
    sheet.get_by_role("button", name="Change the keys of Hand").click()
    page.keyboard.press("Shift+N")
    expect(row(page, "hand").get_by_role("alert")).to_contain_text("already does: Add a sticky note")
    bare(page, "keys that another command has", BOX)
    picture(page, "conflict")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(row(page, "hand").get_by_role("alert")).to_have_count(0)
    expect(row(page, "hand")).to_contain_text("H")
    expect(sheet.get_by_role("button", name="Change the keys of Hand")).to_be_focused()

    # Asked again, they are; the sheet stays open at Escape while keys are awaited.
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(sheet).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+C")
    expect(row(page, "hand").get_by_role("alert")).to_contain_text("clipboard")
    page.keyboard.press("Shift+N")
    with page.expect_response(lambda answer: answer.url.endswith("/api/session/") and answer.request.method == "PATCH"):
        row(page, "hand").get_by_role("button", name="Use them here").click()
    expect(row(page, "note")).to_contain_text("No keys")
    sheet.get_by_role("button", name="Change the keys of Add a sticky note").click()
    page.keyboard.press("Control+Shift+L")
    expect(row(page, "note")).to_contain_text("L")
    picture(page, "changed")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()

    notes = page.locator(".react-flow__node-note")
    page.keyboard.press("Shift+N")
    expect(page.get_by_role("toolbar").get_by_role("button", name="Hand")).to_have_attribute("aria-pressed", "true")
    expect(notes).to_have_count(0)
    page.keyboard.press("Control+Shift+L")
    expect(notes).to_have_count(1)
    they_follow(browser, product, flow)
