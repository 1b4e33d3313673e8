"""Time travel in a real browser: a run as it was after any of its events, by hand, by key, played, and by address."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from bench.product import Product
from tests.e2e.audit import bare
from tests.e2e.hands import middle, node, opened, shows, sign_in, window

Picture = Callable[[Page, str], None]


def at(x: int, y: int) -> dict[str, int]:
    return {"x": x, "y": y}


ORDER: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": at(0, 0)},
        {"id": "sum", "type": "data.set", "label": "Sum up", "position": at(280, 0), "config": {"fields": {"x": 41}}},
        {"id": "big", "type": "flow.if", "label": "Big?", "position": at(560, 0),
         "config": {"condition": "{{ nodes.sum.x > 10 }}"}},
        {"id": "tell", "type": "data.transform", "label": "Tell", "position": at(840, 0),
         "config": {"value": "{{ nodes.sum.x + 1 }}"}},
        {"id": "hush", "type": "log", "label": "Hush", "position": at(840, 160), "config": {"message": "small"}},
    ],
    "edges": [
        {"from": "start", "to": "sum"},
        {"from": "sum", "to": "big"},
        {"from": "big", "port": "true", "to": "tell"},
        {"from": "big", "port": "false", "to": "hush"},
    ],
}  # fmt: skip
AWAITS: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": at(0, 0)},
        {"id": "one", "type": "data.set", "position": at(280, 0), "config": {"fields": {"x": 1}}},
        {"id": "paid", "type": "flow.signal", "position": at(560, 0), "config": {"name": "paid", "timeout": "1h"}},
        {"id": "last", "type": "data.transform", "position": at(840, 0), "config": {"value": "{{ nodes.one.x }}"}},
    ],
    "edges": [{"from": "start", "to": "one"}, {"from": "one", "to": "paid"}, {"from": "paid", "to": "last"}],
}
MANY: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": at(0, 0)},
        {"id": "many", "type": "data.transform", "label": "Fifty thousand", "position": at(280, 0),
         "config": {"value": "{{ item }}"},
         "each": {"items": "{{ list(range(50000)) }}", "concurrency": 50}},
    ],
    "edges": [{"from": "start", "to": "many"}],
}  # fmt: skip


def begun(product: Product, name: str, document: dict[str, Any]) -> str:
    flow = product.post("/api/flows/", {"name": name, "document": document})["id"]
    run: str = product.post(f"/api/flows/{flow}/runs/", {"draft": True, "input": {}})["id"]
    return run


def status(product: Product, run: str) -> str:
    found: str = product.get(f"/api/runs/{run}/")["status"]
    return found


def over(page: Page, product: Product, run: str, awaited: str = "succeeded") -> None:
    for _ in range(900):
        if status(product, run) == awaited:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the run is {status(product, run)} and not {awaited}")


def scrubber(page: Page) -> Locator:
    return page.get_by_role("slider", name="The moment of the run that is shown", exact=True)


def last_of(page: Page) -> int:
    return int(scrubber(page).get_attribute("aria-valuemax") or 0)


def test_dragging_the_scrubber_shows_the_canvas_as_it_was(page: Page, product: Product, picture: Picture) -> None:
    run = begun(product, "Travelled by hand", ORDER)
    over(page, product, run)
    page.goto(f"/runs/{run}?tab=steps")
    opened(page)
    shows(page, "tell", "succeeded")
    bar = scrubber(page)
    expect(bar).to_have_attribute("aria-valuenow", str(last_of(page)))
    x, y = middle(bar)
    box = bar.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 8, y)
    page.mouse.down()
    page.mouse.move(x, y, steps=6)
    page.mouse.move(box["x"] + 8, y, steps=6)
    page.mouse.up()
    expect(bar).to_have_attribute("aria-valuenow", "1")
    shows(page, "start", "succeeded")
    shows(page, "sum", "pending")
    shows(page, "tell", "pending")
    expect(page.get_by_test_id("past")).to_contain_text("As it was on")
    steps = page.get_by_role("list", name="Steps", exact=True)
    expect(steps.get_by_role("img", name="Succeeded", exact=True)).to_have_count(1)
    page.wait_for_url(lambda url: "at=1" in url)
    bare(page, "a run as it was")
    picture(page, "first-event")
    page.get_by_role("button", name="Back to the end", exact=True).click()
    shows(page, "tell", "succeeded")
    expect(page.get_by_test_id("past")).to_have_count(0)
    page.wait_for_url(lambda url: "at=" not in url)


def test_keys_walk_event_by_event_and_the_address_names_the_moment(
    page: Page, product: Product, picture: Picture
) -> None:
    run = begun(product, "Travelled by keys", ORDER)
    over(page, product, run)
    kinds = [(event["kind"], event["step"]) for event in product.get(f"/api/runs/{run}/events/")["results"]]
    finished = kinds.index(("step_succeeded", "sum")) + 1
    page.goto(f"/runs/{run}?at={finished - 1}&tab=steps&step=sum")
    opened(page)
    shows(page, "sum", "running")
    pane = page.get_by_role("region", name="Step Sum up", exact=True)
    expect(pane).to_be_visible()
    expect(pane.get_by_text("Output", exact=True)).to_have_count(0)
    scrubber(page).focus()
    page.keyboard.press("ArrowRight")
    shows(page, "sum", "succeeded")
    expect(pane.get_by_text("Output", exact=True)).to_be_visible()
    page.wait_for_url(lambda url: f"at={finished}" in url)
    picture(page, "step-then")
    page.keyboard.press("Home")
    shows(page, "sum", "pending")
    page.keyboard.press("End")
    shows(page, "tell", "succeeded")
    node(page, "start").click()
    page.keyboard.press(",")
    expect(scrubber(page)).to_have_attribute("aria-valuenow", str(len(kinds) - 1))
    page.keyboard.press(".")
    expect(page.get_by_test_id("past")).to_have_count(0)
    page.keyboard.press(",")
    expect(page.get_by_test_id("past")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("past")).to_have_count(0)
    expect(node(page, "tell")).to_have_attribute("data-status", "succeeded")


def test_a_run_is_played_from_its_beginning_to_its_end(page: Page, product: Product) -> None:
    run = begun(product, "Played", ORDER)
    over(page, product, run)
    page.goto(f"/runs/{run}?tab=timeline")
    opened(page)
    shows(page, "tell", "succeeded")
    expect(scrubber(page)).to_be_visible()
    seen: list[str] = []
    page.expose_function("keepMoment", lambda value: seen.append(str(value)))
    page.evaluate(
        """() => {
            const bar = document.querySelector('[data-testid="time-bar"] [role="slider"]');
            new MutationObserver(() => window.keepMoment(bar.getAttribute("aria-valuenow")))
                .observe(bar, { attributes: true, attributeFilter: ["aria-valuenow"] });
        }"""
    )
    for _ in range(3):
        page.get_by_role("button", name="Speed:").click()
    expect(page.get_by_role("button", name="Speed: 64 times", exact=True)).to_be_visible()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page.get_by_test_id("past")).to_have_count(0)
    shows(page, "tell", "succeeded")
    moments = [int(value) for value in seen]
    assert moments[0] == 1
    assert moments == sorted(moments)
    assert moments[-1] == last_of(page)


def test_a_live_run_goes_on_behind_the_past_and_is_come_back_to(page: Page, product: Product, picture: Picture) -> None:
    run = begun(product, "Live behind", AWAITS)
    over(page, product, run, "waiting")
    page.goto(f"/runs/{run}?tab=timeline")
    opened(page)
    shows(page, "paid", "waiting")
    before = last_of(page)
    scrubber(page).focus()
    page.keyboard.press("Home")
    shows(page, "paid", "pending")
    product.post(f"/api/runs/{run}/signals/paid/", {"payload": {}})
    over(page, product, run)
    expect(scrubber(page)).not_to_have_attribute("aria-valuemax", str(before))
    expect(scrubber(page)).to_have_attribute("aria-valuenow", "1")
    expect(node(page, "paid")).to_have_attribute("data-status", "pending")
    picture(page, "behind")
    page.get_by_role("button", name="Back to the end", exact=True).click()
    shows(page, "last", "succeeded")


def test_on_a_telephone_every_tab_shows_what_it_holds_and_the_bar_fits(
    browser: Browser, product: Product, picture: Picture
) -> None:
    run = begun(product, "Travelled on the way", ORDER)
    shown = window(browser, product, viewport={"width": 390, "height": 844})
    try:
        over(shown, product, run)
        sign_in(shown, product)
        shown.goto(f"/runs/{run}?at=5&tab=steps")
        opened(shown)
        expect(shown.get_by_role("list", name="Steps", exact=True)).to_be_visible()
        back = shown.get_by_role("button", name="Back to the end", exact=True)
        box = back.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390
        picture(shown, "steps")
        back.click()
        expect(shown.get_by_test_id("past")).to_have_count(0)
        shown.get_by_role("tab", name="Runs").click()
        expect(shown.get_by_role("list", name="Runs", exact=True)).to_be_visible()
    finally:
        shown.context.close()


def test_a_run_of_a_hundred_thousand_events_is_walked_through_and_not_held(
    page: Page, product: Product, picture: Picture
) -> None:
    run = begun(product, "Fifty thousand", MANY)
    over(page, product, run)
    session = page.context.new_cdp_session(page)

    def heap() -> int:
        session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(int(one["value"]) for one in metrics if one["name"] == "JSHeapUsedSize")

    session.send("Performance.enable")
    page.goto(f"/runs/{run}?tab=steps&at=60000")
    opened(page)
    bar = scrubber(page)
    expect(bar).to_have_attribute("aria-valuenow", "60000")
    last = last_of(page)
    assert last > 100_000
    shows(page, "many", "running")
    before = heap()
    box = bar.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 8, y)
    page.mouse.down()
    for place in range(1, 40):
        page.mouse.move(box["x"] + 8 + (box["width"] - 16) * place / 40, y, steps=2)
    page.mouse.up()
    shows(page, "many", "running")
    picture(page, "far-along")
    bar.focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(bar).to_have_attribute("aria-valuenow", "4")
    expect(page.get_by_test_id("past")).to_contain_text("As it was on")
    shows(page, "many", "running")
    grown = heap() - before
    assert grown < 40 * 1024 * 1024, f"walking through it kept {grown / 1024 / 1024:.0f} MiB"
    page.keyboard.press("End")
    shows(page, "many", "succeeded")
