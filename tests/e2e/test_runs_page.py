"""The runs page as an operator works with it: filters that are kept, boxes, keys, and jobs over all that match."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.hands import dialog
from tests.e2e.test_operations_pages import BREAKS, ONE_AT_A_TIME


def failed(product: Product, name: str, count: int) -> str:
    flow = product.publish({**BREAKS, "name": name})
    product.post(f"/api/flows/{flow}/runs/batch/", {"inputs": [{}] * (count - 1)})
    product.post(f"/api/flows/{flow}/runs/", {}, wait="30s")
    return flow


def test_all_that_match_are_run_again_by_a_job_that_is_followed(
    page: Page, product: Product, picture: Callable[[Page, str], None]
) -> None:
    flow = failed(product, "Charges at night", 60)
    page.goto(f"/runs?flow={flow}")
    statuses = page.get_by_role("group", name="Status")
    expect(statuses.get_by_role("button", name="Failed 60")).to_be_visible()
    statuses.get_by_role("button", name="Failed").click()
    page.get_by_role("combobox", name="Error").click()
    page.get_by_role("option").first.click()
    expect(page).to_have_url(re.compile("code="))
    page.get_by_label("Choose all that are shown").check()
    bar = page.get_by_role("toolbar", name="What to do with the chosen runs")
    expect(bar).to_contain_text("50 chosen")
    bar.get_by_role("button", name="Choose all 60 that fit the filter").click()
    picture(page, "chosen")
    bar.get_by_role("button", name="Run again").click()
    asking = dialog(page, "Run again")
    expect(asking.get_by_test_id("job-count")).to_contain_text("60 runs start again")
    picture(page, "asked")
    asking.get_by_role("button", name="Run again").click()
    expect(page.get_by_text("A job over 60 runs has begun")).to_be_visible()
    expect(bar).to_have_count(0)
    job = page.get_by_test_id("job").filter(has_text="Run 60 runs again").first
    expect(job).to_contain_text("60 of 60 done")
    picture(page, "job")
    # They failed anew: each is a run of its own, and the old ones are dealt with.
    again = product.get("/api/runs/", flow=flow, limit=200)["results"]
    assert len({run["rerun_of"] for run in again if run["rerun_of"]}) == 60
    job.get_by_role("link").click()
    expect(page.get_by_test_id("job-facts")).to_contain_text("60 of 60 done")
    page.reload()
    expect(page.get_by_role("link", name="The new run").first).to_be_visible()
    picture(page, "results")
    page.goto("/operations/jobs")
    expect(page.get_by_role("link", name="Run 60 runs again").first).to_be_visible()


def test_the_keyboard_alone_chooses_opens_and_cancels(
    page: Page, product: Product, picture: Callable[[Page, str], None]
) -> None:
    flow = product.publish({**ONE_AT_A_TIME, "name": "Waits in line"})
    runs = [str(product.post(f"/api/flows/{flow}/runs/", {})["id"]) for _ in range(4)]
    page.goto(f"/runs?flow={flow}")
    rows = page.get_by_role("grid", name="Runs").get_by_role("row", name="Waits in line")
    expect(rows).to_have_count(4)
    rows.first.focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+X")
    bar = page.get_by_role("toolbar", name="What to do with the chosen runs")
    expect(bar).to_contain_text("3 chosen")
    picture(page, "keys")
    page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    expect(rows.nth(2)).to_be_focused()
    page.keyboard.press("x")
    bar.get_by_role("button", name="Cancel runs").click()
    asking = dialog(page, "Cancel runs")
    asking.get_by_label("Reason").fill("wrong price")
    asking.get_by_role("button", name="Cancel runs").click()
    expect(page.get_by_test_id("job").filter(has_text="Cancel 1 run").first).to_contain_text("1 of 1 done")
    expect(rows.nth(2)).to_contain_text("Cancelled")
    page.keyboard.press("Escape")
    rows.nth(1).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(runs[2]))


def test_words_find_runs_and_those_that_begin_and_fit_come_in(
    page: Page, product: Product, picture: Callable[[Page, str], None]
) -> None:
    flow = failed(product, "Zinnia refunds", 2)
    code = product.get("/api/runs/", flow=flow)["results"][0]["error"]["code"]
    page.goto("/runs")
    expect(page.get_by_role("grid", name="Runs").get_by_role("row", name="Zinnia refunds")).to_have_count(2)
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="Search runs")).to_be_focused()
    page.keyboard.type(f"zinnia {code}")
    expect(page).to_have_url(re.compile(r"q=zinnia(\+|%20)"))
    rows = page.get_by_role("grid", name="Runs").locator("tbody").get_by_role("row")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="Zinnia refunds")).to_have_count(2)
    # Those of another flow fail as well, only its name doesn't fit; what begins after it comes in.
    failed(product, "Marigold refunds", 2)
    product.post(f"/api/flows/{flow}/runs/", {}, wait="30s")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="Zinnia refunds")).to_have_count(3)
    picture(page, "found")
    page.keyboard.type("x")
    expect(page.get_by_text(f"No run fits “zinnia {code}x”")).to_be_visible()
    page.get_by_role("button", name="Show all runs").click()
    expect(rows.filter(has_text="Marigold refunds").first).to_be_visible()


def kept_filter(page: Page, name: str) -> None:
    """Keep what the list shows now under this name, for everybody."""
    page.get_by_role("button", name="Saved filters").click()
    page.get_by_role("menuitem", name="Save this filter").click()
    asking = dialog(page, "Save this filter")
    asking.get_by_label("Name").fill(name)
    asking.get_by_label("For everybody in the workspace").check()
    asking.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()


def test_a_filter_is_kept_under_a_name_and_taken_up_again(page: Page, product: Product) -> None:
    failed(product, "Kept", 2)
    page.goto("/runs?status=failed&last=7d")
    kept_filter(page, "Failed lately")
    page.goto("/runs")
    page.get_by_role("button", name="Saved filters").click()
    page.get_by_role("menuitem", name="Failed lately").click()
    expect(page).to_have_url(re.compile(r"status=failed&last=7d"))
    expect(page.get_by_role("group", name="Status").get_by_role("button", name="Failed")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="Remove the filter Failed lately").click()
    expect(page.get_by_role("button", name="Saved filters")).to_be_visible()


def test_flows_are_told_apart_by_tags(page: Page, product: Product, picture: Callable[[Page, str], None]) -> None:
    for name in ("Tagged", "Untagged"):
        product.publish({**BREAKS, "name": name})
    page.goto("/")
    page.get_by_role("button", name="Actions for Tagged").click()
    page.get_by_role("menuitem", name="Tags").click()
    asking = dialog(page, "Tags")
    asking.get_by_role("textbox", name="Tags").or_(asking.get_by_role("combobox", name="Tags")).first.fill("billing")
    page.keyboard.press("Enter")
    asking.get_by_role("button", name="Save").click()
    page.get_by_role("group", name="Tag").get_by_role("button", name="billing").click()
    expect(page.get_by_role("link", name="Untagged")).to_have_count(0)
    expect(page.get_by_role("link", name="Tagged", exact=True)).to_be_visible()
    page.get_by_label("Search flows").fill("tagged")
    kept_filter(page, "Billing")
    picture(page, "tags")
    page.goto("/")
    page.get_by_role("button", name="Saved filters").click()
    page.get_by_role("menuitem", name="Billing").click()
    expect(page.get_by_label("Search flows")).to_have_value("tagged")
    expect(page.get_by_role("link", name="Tagged", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Untagged")).to_have_count(0)


def test_a_flow_says_in_the_editor_how_long_its_runs_are_kept(
    page: Page, product: Product, picture: Callable[[Page, str], None]
) -> None:
    flow = product.publish({**BREAKS, "name": "Keeps a week"})
    page.goto(f"/flows/{flow}")
    page.get_by_role("tab", name="Settings").click()
    kept = page.get_by_test_id("keep-runs")
    kept.get_by_label("Finished runs, days").fill("7")
    kept.get_by_label("Failed runs, days").fill("90")
    kept.scroll_into_view_if_needed()
    picture(page, "kept")
    kept.get_by_role("button", name="Save").click()
    expect(kept.get_by_role("button", name="Save")).to_be_disabled()
    told = product.get(f"/api/flows/{flow}/retention/")
    assert (told["keeps"], told["keeps_failed"]) == (7, 90)
