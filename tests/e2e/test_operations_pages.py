"""The pages of who looks after things: dead letters in bulk, a target left alone, a place in line."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.audit import bare

BREAKS: dict[str, Any] = {
    "dsl": 1,
    "name": "Breaks at night",
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {"id": "charge", "type": "data.transform", "config": {"value": "{{ input.lacking }}"}},
    ],
    "edges": [{"from": "start", "to": "charge"}],
}
CALLS: dict[str, Any] = {
    "dsl": 1,
    "name": "Calls what is down",
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {
            "id": "call",
            "type": "http.request",
            "config": {"url": "http://nowhere.invalid/x"},
            "retry": {"max_attempts": 20, "initial": "1ms", "max": "1ms"},
        },
    ],
    "edges": [{"from": "start", "to": "call"}],
}
ONE_AT_A_TIME: dict[str, Any] = {
    "dsl": 1,
    "name": "One at a time",
    "settings": {"concurrency": {"limit": 1}},
    "nodes": [{"id": "start", "type": "trigger.manual"}, {"id": "nap", "type": "flow.wait", "config": {"for": "1h"}}],
    "edges": [{"from": "start", "to": "nap"}],
}


def start(product: Product, document: dict[str, Any], times: int = 1) -> list[str]:
    flow = product.publish(document)
    return [str(product.post(f"/api/flows/{flow}/runs/", {})["id"]) for _ in range(times)]


def test_dead_letters_are_chosen_and_run_again(
    page: Page, product: Product, picture: Callable[[Page, str], None]
) -> None:
    flow = product.publish(BREAKS)
    for _ in range(2):
        product.post(f"/api/flows/{flow}/runs/", {}, wait="30s")
    page.goto("/operations")
    rows = page.get_by_role("row", name="Breaks at night")
    expect(rows).to_have_count(2)
    picture(page, "letters")
    # Other tests leave letters too: those of this flow are meant.
    first = rows.filter(has_text="#1")
    first.get_by_role("checkbox").check()
    page.get_by_role("button", name="Run again from the failed step").click()
    expect(page.get_by_text("1 run started again")).to_be_visible()
    expect(first).to_have_count(0)
    page.get_by_label("Choose all that are shown").check()
    bare(page, "letters that are chosen")
    picture(page, "chosen")
    page.get_by_role("button", name="Dismiss").click()
    expect(rows.filter(has_text="#2")).to_have_count(0)  # the one run again fails anew and may stand there


def test_a_target_that_is_left_alone_is_tried_again_by_hand(
    page: Page, product: Product, picture: Callable[[Page, str], None]
) -> None:
    start(product, CALLS)
    page.goto("/operations/breakers")
    row = page.get_by_role("row", name="nowhere.invalid")
    expect(row.get_by_text("Left alone")).to_be_visible(timeout=60_000)
    bare(page, "a target left alone")
    picture(page, "breakers")
    row.get_by_role("button", name="Try again now").click()
    expect(page.get_by_text("The next attempts go through")).to_be_visible()


def test_a_run_in_line_shows_its_place(page: Page, product: Product, picture: Callable[[Page, str], None]) -> None:
    *_, last = start(product, ONE_AT_A_TIME, 3)
    page.goto(f"/runs/{last}")
    expect(page.get_by_test_id("in-line").first).to_have_text("No. 2 in line behind the limit of 1")
    bare(page, "a run in line")
    picture(page, "line")
