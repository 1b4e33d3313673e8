"""What is typed stands, whatever happens to the line, the server, the window, and whoever else is typing."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from bench.processes import children
from bench.product import Product
from tests.e2e.conftest import sign_in
from tests.e2e.hands import node, saved

Picture = Callable[[Page, str], None]

DOCUMENT = {
    "dsl": 1,
    "name": "Nothing lost",
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "one", "type": "log", "position": {"x": 260, "y": 0}, "config": {"message": "first"}},
        {"id": "two", "type": "log", "position": {"x": 520, "y": 0}, "config": {"message": "second"}},
    ],
    "edges": [{"from": "start", "to": "one"}, {"from": "one", "to": "two"}],
}


@pytest.fixture
def context(product: Product, browser: Browser) -> Iterator[BrowserContext]:
    """One person's browser. A line that is cut is an error to the browser too, so its console is not held to silence."""
    opened = browser.new_context(viewport={"width": 1600, "height": 900}, base_url=product.url, locale="en-US")
    first = opened.new_page()
    sign_in(first, product)
    first.close()
    yield opened
    opened.close()


@pytest.fixture
def flow(product: Product) -> str:
    return str(product.post("/api/flows/", {"name": "Nothing lost", "document": DOCUMENT})["id"])


def open_flow(context: BrowserContext, flow: str) -> Page:
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"/flows/{flow}")
    expect(node(page, "two")).to_be_visible()
    return page


def type_into(page: Page, name: str, words: str) -> None:
    """Choose a node and type into its message, key by key, over what stands there."""
    node(page, name).click()
    page.get_by_role("textbox", name="Message").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def message(product: Product, flow: str, name: str) -> str:
    nodes = product.get(f"/api/flows/{flow}/draft/")["document"]["nodes"]
    return str(next(each for each in nodes if each["id"] == name)["config"]["message"])


def until_saved(page: Page, product: Product, flow: str, **words: str) -> None:
    """Until the server has these messages."""
    for _ in range(1200):
        if all(message(product, flow, name) == text for name, text in words.items()):
            return
        page.wait_for_timeout(50)
    assert {name: message(product, flow, name) for name in words} == words


def test_two_tabs_typing_at_once_lose_nothing(product: Product, context: BrowserContext, flow: str) -> None:
    left, right = open_flow(context, flow), open_flow(context, flow)
    type_into(left, "one", "typed on the left")
    type_into(right, "two", "typed on the right")
    until_saved(left, product, flow, one="typed on the left", two="typed on the right")


def test_what_another_types_arrives_without_a_reload_and_disturbs_no_typing(
    product: Product, context: BrowserContext, flow: str, picture: Picture
) -> None:
    left, right = open_flow(context, flow), open_flow(context, flow)
    type_into(right, "two", "in the middle of ")
    type_into(left, "one", "typed on the left")
    until_saved(left, product, flow, one="typed on the left")
    expect(node(right, "one")).to_contain_text("typed on the left")
    right.keyboard.type("a sentence")
    picture(right, "arrived")
    until_saved(right, product, flow, one="typed on the left", two="in the middle of a sentence")
    expect(node(left, "two")).to_contain_text("in the middle of a sentence")


def test_a_field_that_two_typed_into_shows_both_values_and_is_settled_by_a_click(
    product: Product, context: BrowserContext, browser: Browser, flow: str, picture: Picture
) -> None:
    mine = open_flow(context, flow)
    other = browser.new_context(base_url=product.url, locale="en-US", viewport={"width": 1600, "height": 900})
    theirs = other.new_page()
    sign_in(theirs, product)
    theirs.goto(f"/flows/{flow}")
    expect(node(theirs, "two")).to_be_visible()
    context.set_offline(True)
    type_into(mine, "one", "what I wrote")
    type_into(theirs, "one", "what they wrote")
    until_saved(theirs, product, flow, one="what they wrote")
    context.set_offline(False)
    mine.get_by_test_id("conflicts").click()
    shown = mine.get_by_test_id("conflict")
    expect(shown).to_contain_text("what I wrote")
    expect(shown).to_contain_text("what they wrote")
    picture(mine, "conflict")
    until_saved(mine, product, flow, one="what I wrote")
    mine.get_by_role("button", name="Take theirs").click()
    until_saved(mine, product, flow, one="what they wrote")
    expect(mine.get_by_test_id("conflicts")).not_to_be_attached()
    other.close()


def test_typed_without_a_line_it_meets_what_another_saved_when_the_line_is_back(
    product: Product, context: BrowserContext, flow: str, picture: Picture
) -> None:
    page = open_flow(context, flow)
    context.set_offline(True)
    type_into(page, "one", "written in a tunnel")
    expect(page.get_by_text("Kept here, not saved")).to_be_visible()
    expect(page.get_by_test_id("retry-in")).to_be_visible()
    picture(page, "offline")
    product.client.put(
        f"/api/flows/{flow}/draft/",
        json={"document": _with_message(product, flow, "two", "by someone else"), "revision": 1},
    ).raise_for_status()
    context.set_offline(False)
    until_saved(page, product, flow, one="written in a tunnel", two="by someone else")
    expect(page.get_by_test_id("conflicts")).not_to_be_attached()


def test_a_window_closed_in_mid_typing_loses_no_key(product: Product, context: BrowserContext, flow: str) -> None:
    page = open_flow(context, flow)
    # The line is cut, so that nothing but what the browser kept can bring it back.
    context.set_offline(True)
    type_into(page, "one", "to the very last key!")
    page.close(run_before_unload=False)
    context.set_offline(False)
    again = open_flow(context, flow)
    node(again, "one").click()
    expect(again.get_by_role("textbox", name="Message")).to_have_value("to the very last key!")
    until_saved(again, product, flow, one="to the very last key!")


def test_a_reload_in_mid_typing_loses_no_key_and_can_be_undone(
    product: Product, context: BrowserContext, flow: str
) -> None:
    page = open_flow(context, flow)
    type_into(page, "one", "reloaded")
    page.reload()
    expect(node(page, "two")).to_be_visible()
    until_saved(page, product, flow, one="reloaded")
    node(page, "start").click()
    page.keyboard.press("Control+z")
    until_saved(page, product, flow, one="first")


def test_leaving_for_another_flow_in_mid_save_wipes_neither(
    product: Product, context: BrowserContext, flow: str
) -> None:
    other = str(product.post("/api/flows/", {"name": "The next one", "document": DOCUMENT})["id"])
    page = open_flow(context, flow)
    held: list[Route] = []

    def hold(route: Route) -> None:
        """The first save waits; all else goes on."""
        if route.request.method == "PUT" and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/draft/", hold)
    type_into(page, "one", "left behind")
    while not held:
        page.wait_for_timeout(20)
    page.keyboard.type(" and gone on")
    page.get_by_role("link", name="Flows").first.click()
    page.get_by_text("The next one").first.click()
    expect(node(page, "two")).to_be_visible()
    held[0].continue_()
    until_saved(page, product, flow, one="left behind and gone on", two="second")
    assert message(product, other, "one") == "first"


def test_a_server_killed_in_mid_typing_has_every_key(product: Product, context: BrowserContext, flow: str) -> None:
    page = open_flow(context, flow)
    type_into(page, "one", "before, ")
    # A save is on its way whose answer never comes; `up` starts the site again by itself.
    with page.expect_request(lambda request: request.method == "PUT"):
        page.keyboard.type("during")
    for pid in children(product.process.pid):
        if b"\0web\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
    page.keyboard.type(" and after")
    until_back(page, product)
    until_saved(page, product, flow, one="before, during and after")
    saved(page)
    expect(page.get_by_test_id("conflicts")).not_to_be_attached()


def until_back(page: Page, product: Product) -> None:
    """Until the site answers again; the product says so itself."""
    for _ in range(600):
        try:
            if product.client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        page.wait_for_timeout(50)
    raise AssertionError("the site never came back")


def _with_message(product: Product, flow: str, name: str, text: str) -> object:
    document = product.get(f"/api/flows/{flow}/draft/")["document"]
    for each in document["nodes"]:
        if each["id"] == name:
            each["config"]["message"] = text
    return document


def test_a_list_whose_server_is_away_stays_and_says_that_it_is_of_before(
    context: BrowserContext, picture: Picture
) -> None:
    page = context.new_page()
    with page.expect_response("**/api/breakers/**"):
        page.goto("/operations/breakers")
    listed = page.get_by_role("tabpanel", name="Circuit breakers")
    expect(listed).to_contain_text(re.compile(r"\w"))
    page.route("**/api/**", lambda route: route.abort("connectionrefused"))
    banner = page.get_by_role("status").filter(has_text="The server can't be reached")
    expect(banner.get_by_test_id("retry-in")).to_have_text(re.compile(r"Trying again in \d s\."))
    expect(listed).to_be_visible()
    picture(page, "away")
    page.unroute("**/api/**")
    banner.get_by_role("button", name="Try now").click()
    expect(banner).to_have_count(0)
