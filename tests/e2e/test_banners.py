"""In a real browser: what keeps a run from going on, or the page from seeing it, is said on the canvas."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, WebSocketRoute, expect

from bench.product import Product
from tests.e2e.hands import opened, shows
from tests.e2e.test_operations_pages import ONE_AT_A_TIME, start
from tests.e2e.test_time_travel import AWAITS, begun, over

Picture = Callable[[Page, str], None]


def test_a_cut_line_counts_down_to_the_next_try_and_catches_up(page: Page, product: Product, picture: Picture) -> None:
    run = begun(product, "Line that is cut", AWAITS)
    over(page, product, run, "waiting")
    lines: list[WebSocketRoute] = []
    is_cut = False

    def through(line: WebSocketRoute) -> None:
        lines.append(line)
        if is_cut:
            line.close(code=1012)
        else:
            line.connect_to_server()

    page.route_web_socket(re.compile(rf"/runs/{run}/"), through)
    page.goto(f"/runs/{run}")
    opened(page)
    shows(page, "paid", "waiting")
    is_cut = True
    lines[-1].close(code=1012)
    banner = page.get_by_test_id("run-state")
    expect(banner).to_contain_text("The live view has lost its connection")
    expect(page.get_by_test_id("retry-live")).to_contain_text(re.compile(r"tries again in \d+ s"))
    expect(banner.get_by_role("button", name="Try now", exact=True)).to_be_visible()
    picture(page, "cut")
    product.post(f"/api/runs/{run}/signals/paid/", {"payload": {}})
    over(page, product, run)
    shows(page, "paid", "waiting")
    is_cut = False
    shows(page, "last", "succeeded")
    expect(banner).to_have_count(0)


def test_a_run_in_line_is_told_its_place_and_leads_to_those_ahead(
    page: Page, product: Product, picture: Picture
) -> None:
    *_, last = start(product, {**ONE_AT_A_TIME, "name": "In line on the canvas"}, 2)
    page.goto(f"/runs/{last}")
    opened(page)
    banner = page.get_by_test_id("run-state")
    expect(banner).to_contain_text("No. 1 in line")
    expect(banner).to_contain_text("1 at a time")
    picture(page, "line")
    banner.get_by_role("link", name="See those ahead", exact=True).click()
    rows = page.get_by_role("grid", name="Runs").get_by_role("row", name="In line on the canvas")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("#1")
