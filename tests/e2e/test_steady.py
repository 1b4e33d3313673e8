"""What must stay as it is while answers are slow, lines break and windows close: places, work and words typed."""

from collections.abc import Callable

from playwright.sync_api import Browser, Locator, Page, Route, expect

from bench.product import Product
from tests.e2e.hands import field, middle, node, opened, saved, shows, sign_in, window

Picture = Callable[[Page, str], None]


def flow_of(product: Product, name: str) -> str:
    """A new flow of a trigger and a node that logs; its id."""
    document = {
        "dsl": 1,
        "name": name,
        "nodes": [
            {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
            {"id": "log", "type": "log", "position": {"x": 280, "y": 0}, "config": {"message": "hello"}},
        ],
        "edges": [{"from": "start", "to": "log"}],
    }
    return str(product.post("/api/flows/", {"name": name, "document": document})["id"])


def open_flow(page: Page, flow: str) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    expect(node(page, "log")).to_be_visible()


def place(what: Locator) -> tuple[float, float]:
    x, y = middle(what)
    return round(x), round(y)


def hold(page: Page, pattern: str) -> Callable[[], None]:
    """Let no answer to these addresses through until what this gives back is called."""
    held: list[Route] | None = []

    def take(route: Route) -> None:
        if held is None:
            route.continue_()
        else:
            held.append(route)

    def release() -> None:
        nonlocal held
        waiting, held = held or [], None
        for route in waiting:
            route.continue_()

    page.route(pattern, take)
    return release


def test_undo_and_redo_stay_where_they_are_while_saving_is_told(page: Page, product: Product) -> None:
    open_flow(page, flow_of(product, "Stays in its place"))
    told = page.get_by_test_id("saved")
    undo = page.get_by_role("button", name="Undo")
    redo = page.get_by_role("button", name="Redo")
    before = place(undo), place(redo)
    release = hold(page, "**/draft/")
    node(page, "log").click()
    field(page, "message").fill("changed")
    expect(told).to_contain_text("Saving")
    assert (place(undo), place(redo)) == before
    release()
    saved(page)
    assert (place(undo), place(redo)) == before
    assert middle(redo)[0] < middle(told)[0], "what is said of saving stands after the buttons"


def test_what_a_run_brings_to_the_drawer_moves_no_tab(page: Page, product: Product, picture: Picture) -> None:
    open_flow(page, flow_of(product, "Moves nothing"))
    names = ("Timeline", "Steps", "Logs", "Problems", "Runs")
    tabs = [page.get_by_role("tab", name=name) for name in names]
    before = [place(tab)[0] for tab in tabs]
    page.get_by_role("button", name="Run", exact=True).click()
    shows(page, "log", "succeeded")
    expect(page.get_by_role("button", name="Run again")).to_be_visible()
    picture(page, "ran")
    assert [place(tab)[0] for tab in tabs] == before


def test_on_a_telephone_the_drawers_tabs_are_whole_beside_its_buttons(
    page: Page, product: Product, picture: Picture
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_flow(page, flow_of(product, "Watched from afar"))
    page.get_by_role("button", name="Run", exact=True).click()
    shows(page, "log", "succeeded")
    again = page.get_by_role("button", name="Run again").bounding_box()
    last = page.get_by_role("tab", name="Runs").bounding_box()
    picture(page, "telephone")
    assert again is not None
    assert last is not None
    assert last["x"] + last["width"] <= again["x"], "the tabs are cut"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_flow_left_while_it_is_read_comes_back_by_no_late_answer(page: Page, product: Product) -> None:
    slow, quick = flow_of(product, "Slow"), flow_of(product, "Quick")
    release = hold(page, f"**/api/flows/{slow}/draft/")
    page.goto("/")
    with page.expect_request(f"**/api/flows/{slow}/draft/"):
        page.get_by_role("link", name="Slow", exact=True).click()
    page.get_by_role("link", name="Flows", exact=True).first.click()
    page.get_by_role("link", name="Quick", exact=True).click()
    opened(page)
    expect(page.get_by_role("heading", name="Rename the flow: Quick")).to_be_visible()
    with page.expect_response(lambda answer: slow in answer.url):
        release()
    node(page, "log").click()
    field(page, "message").fill("still here")
    saved(page)
    assert page.url.split("?")[0].endswith(quick)
    assert product.get(f"/api/flows/{slow}/draft/")["document"]["nodes"][1]["config"]["message"] == "hello"


def test_an_equals_sign_begins_an_expression_before_its_editor_is_there(page: Page, product: Product) -> None:
    release = hold(page, "**/CodeMirror*")
    flow = flow_of(product, "Typed early")
    open_flow(page, flow)
    node(page, "log").click()
    message = field(page, "message")
    message.fill("")
    message.press("=")
    page.keyboard.type("input.na")
    expect(message).to_have_value("{{ input.na }}")
    release()
    editor = page.locator('[data-field="/message"] .cm-content')
    expect(editor).to_be_focused()
    page.keyboard.type("me")
    expect(editor).to_contain_text("{{ input.name }}")
    saved(page)
    assert product.get(f"/api/flows/{flow}/draft/")["document"]["nodes"][1]["config"]["message"] == "{{ input.name }}"


def test_work_that_a_closed_window_had_not_saved_is_there_in_the_next(product: Product, browser: Browser) -> None:
    flow = flow_of(product, "Closed too soon")
    first = window(browser, product)
    sign_in(first, product)
    open_flow(first, flow)
    first.route("**/draft/", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    node(first, "log").click()
    field(first, "message").fill("the last word")
    first.close(run_before_unload=True)
    second = first.context.new_page()
    open_flow(second, flow)
    saved(second)
    node(second, "log").click()
    expect(field(second, "message")).to_have_value("the last word")
    first.context.close()
    assert product.get(f"/api/flows/{flow}/draft/")["document"]["nodes"][1]["config"]["message"] == "the last word"
