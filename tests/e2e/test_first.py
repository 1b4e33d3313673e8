"""The first minutes: what people bring along becomes part of a flow."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from bench.product import Product
from tests.e2e.hands import field, node, opened, saved, window

Picture = Callable[[Page, str], None]

COMMAND = r"""curl 'https://api.example/orders' \
  -H 'Content-Type: application/json' -H 'Authorization: Bearer s3cret' \
  --data-raw '{"order":"A-1","note":"{{ kept }}"}' --compressed"""

WITH_IF: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "choose", "type": "flow.if", "position": {"x": 300, "y": 0}, "config": {"condition": "{{ True }}"}},
    ],
    "edges": [{"from": "start", "to": "choose"}],
}


def test_a_pasted_curl_command_becomes_an_http_request_without_its_secret(
    page: Page, product: Product, picture: Picture
) -> None:
    flow = product.post("/api/flows/", {"name": "From a terminal"})["id"]
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/flows/{flow}")
    opened(page)
    node(page, "start").click()
    page.evaluate("words => navigator.clipboard.writeText(words)", COMMAND)
    page.keyboard.press("ControlOrMeta+v")
    expect(page.get_by_test_id("edge-start:out>request")).to_be_attached()
    expect(page.get_by_text("Left out: authorization")).to_be_visible()
    picture(page, "pasted")
    saved(page)
    made = product.get(f"/api/flows/{flow}/draft/")["document"]["nodes"][1]
    assert made["type"] == "http.request"
    assert made["config"] == {
        "method": "POST",
        "url": "https://api.example/orders",
        "json": {"order": "A-1", "note": "{{ '{{' }} kept }}"},
    }
    page.keyboard.press("ControlOrMeta+z")
    expect(node(page, "request")).not_to_be_attached()


def guide(page: Page) -> Locator:
    return page.get_by_test_id("start-guide")


def new_flow(page: Page) -> str:
    page.goto("/")
    page.get_by_role("button", name="New flow", exact=True).click()
    opened(page)
    expect(guide(page)).to_be_visible()
    return page.url.split("?")[0].rsplit("/", 1)[1]


def drawn(product: Product, flow: str) -> list[str]:
    return [one["type"] for one in product.get(f"/api/flows/{flow}/draft/")["document"]["nodes"]]


def test_a_new_flow_begins_with_a_sample_and_one_step_back_is_new_again(
    page: Page, product: Product, picture: Picture
) -> None:
    flow = new_flow(page)
    picture(page, "guide")
    guide(page).get_by_role("button", name="Sales report").click()
    expect(node(page, "by_region")).to_be_visible()
    expect(guide(page)).to_have_count(0)
    saved(page)
    assert "data.aggregate" in drawn(product, flow)
    page.keyboard.press("ControlOrMeta+z")
    expect(guide(page)).to_be_visible()
    saved(page)
    assert drawn(product, flow) == ["trigger.manual"]


def test_a_new_flow_begins_with_a_trigger_that_is_ready_to_be_set_up(page: Page, product: Product) -> None:
    flow = new_flow(page)
    page.get_by_test_id("begin-trigger.webhook").click()
    expect(field(page, "path")).to_have_value("new-flow")
    expect(guide(page)).to_have_count(0)
    saved(page)
    assert drawn(product, flow) == ["trigger.webhook"]


def test_a_new_flow_begins_with_words_that_are_read_as_they_are_typed(
    page: Page, product: Product, picture: Picture
) -> None:
    flow = new_flow(page)
    words = guide(page).get_by_role("textbox", name="From words or a cURL command")
    words.click()
    page.keyboard.type("every day at 9, fetch https://api.example/orders, keep total > 100, sing a song, log it")
    expect(guide(page).get_by_role("listitem")).to_have_text(["Schedule", "HTTP request", "Filter", "Log"])
    expect(guide(page).get_by_text("Not understood: sing a song")).to_be_visible()
    picture(page, "read")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.get_by_test_id("edge-filter:out>log")).to_be_attached()
    saved(page)
    assert drawn(product, flow) == ["trigger.schedule", "http.request", "data.filter", "log"]
    assert product.post("/api/flows/validate/", {"document": draft(product, flow)})["problems"] == []
    picture(page, "sketched")


def draft(product: Product, flow: str) -> dict[str, Any]:
    found: dict[str, Any] = product.get(f"/api/flows/{flow}/draft/")["document"]
    return found


def test_a_curl_command_in_the_guide_becomes_a_flow_without_its_secret(page: Page, product: Product) -> None:
    flow = new_flow(page)
    guide(page).get_by_role("textbox", name="From words or a cURL command").fill(COMMAND)
    guide(page).get_by_role("button", name="Draw it").click()
    expect(page.get_by_text("Left out: authorization")).to_be_visible()
    expect(page.get_by_test_id("edge-start:out>request")).to_be_attached()
    saved(page)
    assert "s3cret" not in str(draft(product, flow))


def test_the_gallery_draws_every_sample_and_makes_a_flow_of_one(page: Page, picture: Picture) -> None:
    page.goto("/")
    page.get_by_role("link", name="Samples").click()
    cards = page.locator("[data-testid^=sample-]")
    expect(cards).to_have_count(7)
    expect(cards.locator("svg rect").nth(40)).to_be_attached()
    picture(page, "gallery")
    page.get_by_role("button", name="Make a flow of “Every item of a list”").click()
    opened(page)
    expect(node(page, "work")).to_be_visible()


def test_the_tour_is_walked_by_keys_ends_with_escape_and_is_not_offered_again(page: Page, picture: Picture) -> None:
    new_flow(page)
    guide(page).get_by_role("button", name="Show me around").click()
    tour = page.get_by_test_id("tour")
    expect(tour).to_contain_text("1 of 4")
    picture(page, "tour")
    page.keyboard.press("Enter")
    expect(tour).to_contain_text("2 of 4")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(tour).to_contain_text("4 of 4")
    page.keyboard.press("ArrowLeft")
    expect(tour).to_contain_text("3 of 4")
    page.keyboard.press("Escape")
    expect(tour).to_have_count(0)
    page.reload()
    expect(guide(page)).to_be_visible()
    expect(guide(page).get_by_role("button", name="Show me around")).to_have_count(0)
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("show me around")  # at once: what is typed before the palette is there is for it
    expect(page.get_by_test_id("command-palette").get_by_role("combobox")).to_have_value("show me around")
    expect(page.get_by_test_id("command-palette").get_by_role("option").first).to_contain_text("Show me around")
    page.keyboard.press("Enter")
    expect(tour).to_contain_text("1 of 4")


def test_a_node_explains_itself_and_takes_its_example_over(page: Page, product: Product, picture: Picture) -> None:
    flow = product.post("/api/flows/", {"name": "What is this", "document": WITH_IF})["id"]
    page.goto(f"/flows/{flow}")
    opened(page)
    node(page, "choose").click()
    page.get_by_text("Help and an example").click()
    told = page.get_by_test_id("node-help")
    expect(told).to_contain_text("Leaves from true when the condition is true")
    expect(told).to_contain_text('"total": 120')
    told.get_by_role("button", name="Set this node like the example").click()
    expect(node(page, "choose")).to_contain_text("input.total > 100")
    saved(page)
    picture(page, "help")
    assert draft(product, flow)["nodes"][1]["config"] == {"condition": "{{ input.total > 100 }}"}
    page.get_by_role("button", name="Undo: set up choose").click()
    expect(node(page, "choose")).to_contain_text("True")


def test_the_first_minutes_speak_korean_in_the_dark_too(browser: Browser, product: Product, picture: Picture) -> None:
    page = window(browser, product, viewport={"width": 1920, "height": 1080}, locale="ko-KR", color_scheme="dark")
    page.goto("/")
    page.locator('input[name="username"]').fill("admin")
    page.locator('input[name="password"]').fill(product.password)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="예제").click()
    expect(page.get_by_role("heading", name="주문 처리")).to_be_visible()
    expect(page.locator("svg rect").nth(40)).to_be_attached()
    picture(page, "gallery")
    page.goto("/")
    page.get_by_role("button", name="새 플로", exact=True).click()
    opened(page)
    expect(guide(page)).to_contain_text("시작하는 세 가지 방법")
    picture(page, "guide")
    page.context.close()


def test_a_flow_of_one_node_without_an_arrow_is_opened_run_and_looked_at(page: Page, product: Product) -> None:
    one = {"dsl": 1, "nodes": [{"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}}]}
    flow = product.post("/api/flows/", {"name": "Only begun", "document": one})["id"]
    page.goto(f"/flows/{flow}")
    expect(node(page, "start")).to_be_visible()
    product.post(f"/api/flows/{flow}/publish/", {})
    run = product.post(f"/api/flows/{flow}/runs/", {"input": {}})["id"]
    page.goto(f"/runs/{run}")
    expect(node(page, "start")).to_be_visible()
