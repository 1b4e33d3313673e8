"""The whole story with real mouse drags: draw, run, watch, publish, change, roll back in the admin."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.hands import (
    connect,
    dialog,
    drag,
    middle,
    node,
    open_drawer,
    open_sample,
    opened,
    past,
    place,
    saved,
    shown_run,
    shows,
)

Picture = Callable[[Page, str], None]


def press_run(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()


def edit(page: Page, name: str) -> None:
    """Choose a node and see its parameters; in a run its output would be shown first."""
    node(page, name).click()
    page.get_by_role("tab", name="Parameters").click()


def set_greeting(page: Page, words: str) -> None:
    edit(page, "set")
    page.locator('[data-field="/fields/greeting"] .cm-content').click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(words)
    expect(page.locator('[data-field="/fields/greeting"] .cm-content')).to_have_text(words)
    saved(page)


def publish(page: Page, note: str, number: int) -> None:
    saved(page)
    page.get_by_role("button", name="Publish", exact=True).click()
    asking = dialog(page, "Publish the draft")
    asking.get_by_label("Note").fill(note)
    asking.get_by_role("button", name="Publish").click()
    expect(page.get_by_text(f"Version {number} is live").first).to_be_visible()
    expect(asking).not_to_be_visible()


def draw(page: Page) -> str:
    """A new flow of a trigger, a greeting and a wait, drawn by mouse; its id."""
    page.get_by_role("button", name="New flow", exact=True).click()
    page.wait_for_url("**/flows/*")
    opened(page)
    expect(node(page, "start")).to_be_visible()
    open_drawer(page)
    expect(page.get_by_test_id("type-data.set")).to_be_visible()
    left, _ = middle(node(page, "start"))
    drag(page, node(page, "start"), (left - 90, 200))
    place(page, "data.set", (420, 400), "set")
    place(page, "flow.wait", (790, 400), "wait")
    connect(page, "start", "Set fields")
    connect(page, "Set fields", "Wait")
    return page.url.split("/flows/")[1].split("?")[0]


def fill_in(page: Page) -> None:
    """What the two nodes are to do."""
    node(page, "wait").click()
    page.get_by_label("For", exact=True).fill("2")
    node(page, "set").click()
    page.get_by_role("button", name="Add field").click()
    page.get_by_label("Name", exact=True).fill("greeting")
    page.keyboard.press("Tab")
    set_greeting(page, "Hello")
    saved(page)


def roll_back_in_the_admin(page: Page, flow: str, picture: Picture) -> None:
    """See the difference, give a reason, say yes."""
    page.goto(f"/admin/flows/flow/{flow}/change/")
    picture(page, "admin-flow")
    page.get_by_role("link", name="Roll back to v1").click()
    expect(page.get_by_text("Good day").first).to_be_visible()
    expect(page.get_by_text("Hello").first).to_be_visible()
    picture(page, "admin-difference")
    page.get_by_role("textbox").last.fill("Too stiff")
    page.get_by_role("button", name="Roll back to v1").click()
    expect(page.get_by_text("use version 1 now")).to_be_visible()
    picture(page, "admin-rolled-back")


def ended(page: Page, product: Product, run: str) -> dict[str, Any]:
    """The run once it has ended, which its own page shows."""
    page.goto(f"/runs/{run}")
    shows(page, "wait", "succeeded")
    found: dict[str, Any] = product.get(f"/api/runs/{run}/")
    return found


def test_draw_run_watch_publish_change_and_roll_back(page: Page, product: Product, picture: Picture) -> None:
    picture(page, "flows")
    flow = draw(page)
    picture(page, "drawn")
    fill_in(page)
    picture(page, "filled-in")

    press_run(page)
    shows(page, "wait", "succeeded")
    shows(page, "start", "succeeded")
    shows(page, "set", "succeeded")
    assert "timer_set" in past(product, shown_run(page), "wait"), "the wait never waited"
    picture(page, "finished")
    node(page, "set").click()
    page.get_by_role("tab", name="Output").click()
    expect(page.get_by_role("complementary").get_by_text("Hello")).to_be_visible()
    picture(page, "output")

    publish(page, "Says hello", 1)
    edit(page, "wait")
    page.get_by_label("For", exact=True).fill("20")
    set_greeting(page, "Good day")
    publish(page, "Says good day, and waits longer", 2)
    picture(page, "second-version")

    going = product.post(f"/api/flows/{flow}/runs/", {"input": {}})
    assert going["version"] == 2
    roll_back_in_the_admin(page, flow, picture)
    after = product.post(f"/api/flows/{flow}/runs/", {"input": {}}, wait="30s")
    assert (after["version"], after["status"]) == (1, "succeeded")
    old = ended(page, product, going["id"])
    assert (old["version"], old["status"]) == (2, "succeeded")


def test_a_failing_step_shows_its_input_its_error_and_what_helps(
    page: Page, product: Product, picture: Picture
) -> None:
    open_sample(page, "Order fulfilment")
    expect(node(page, "charge")).to_be_visible()
    press_run(page)
    asking = dialog(page, "Start a run")
    asking.get_by_role("combobox", name="Card").click()
    page.get_by_role("option", name="declined").click()
    asking.get_by_role("button", name="Start", exact=True).click()
    shows(page, "tell_sales", "succeeded")
    shows(page, "charge", "failed")
    shows(page, "ship", "skipped")
    assert "step_retrying" in past(product, shown_run(page), "charge"), "the step was never tried again"
    picture(page, "error-route")
    node(page, "charge").click()
    page.get_by_role("tab", name="Output").click()
    expect(page.get_by_role("complementary").get_by_text("The card was declined").first).to_be_visible()
    picture(page, "error")
    page.get_by_role("tab", name="Attempts").click()
    expect(page.get_by_text("The payment provider is busy").first).to_be_visible()
    picture(page, "attempts")
