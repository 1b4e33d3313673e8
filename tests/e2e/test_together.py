"""Two people on one flow see who the other is, where they are, and that they have left."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.product import Product
from tests.e2e.audit import bare
from tests.e2e.hands import joined, middle, node, opened

pytestmark = pytest.mark.browser

DOCUMENT = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "one", "type": "log", "position": {"x": 260, "y": 0}, "config": {"message": "first"}},
        {"id": "two", "type": "log", "position": {"x": 520, "y": 0}, "config": {"message": "second"}},
    ],
    "edges": [{"from": "start", "to": "one"}, {"from": "one", "to": "two"}],
}


@pytest.fixture
def flow(product: Product) -> str:
    return str(product.post("/api/flows/", {"name": "Together", "document": DOCUMENT})["id"])


@pytest.fixture
def other(product: Product, browser: Browser) -> Iterator[Page]:
    """A second person, who only looks on, in Korean, in a browser of their own."""
    page = joined(browser, product, "mina", "viewer")
    page.evaluate("document.cookie = 'mulgil_language=ko; path=/'")
    yield page
    page.context.close()


def goes_to(page: Page, flow: str) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)


def test_two_people_see_each_others_name_node_and_pointer_until_one_leaves(
    page: Page, other: Page, flow: str, picture: Callable[[Page, str], None]
) -> None:
    goes_to(page, flow)
    buttons = [page.get_by_role("button", name="Undo"), page.get_by_test_id("run")]
    expect(page.get_by_test_id("saved")).to_be_visible()
    places = [middle(button) for button in buttons]
    expect(page.get_by_test_id("people")).not_to_be_attached()

    goes_to(other, flow)
    mina = page.get_by_test_id("people").get_by_role("button", name="mina · viewing")
    expect(mina).to_have_text("MI")
    admin = other.get_by_test_id("people").get_by_role("button", name="admin · 편집 가능")
    expect(admin).to_have_text("AD")
    assert [middle(button) for button in buttons] == places

    node(other, "two").click()
    expect(page.get_by_test_id("people-two")).to_have_text("mina")
    expect(page.get_by_test_id("people").get_by_role("button")).to_have_accessible_name("mina · viewing · at two")
    node(page, "one").click()
    expect(other.get_by_test_id("people-one")).to_have_text("admin")
    expect(other.get_by_test_id("people-two")).not_to_be_attached()
    expect(page.get_by_test_id("pointer")).to_have_text("mina")
    x, y = middle(node(page, "start"))
    page.mouse.move(x, y + 160, steps=4)
    expect(other.get_by_test_id("pointer")).to_have_text("admin")
    mina.hover()
    expect(page.get_by_role("tooltip")).to_have_text("mina · viewing · at two")
    bare(page, "another person on the flow")
    picture(page, "seen-by-admin")
    page.mouse.move(x, y + 160, steps=4)
    other.get_by_test_id("people").get_by_role("button").hover()
    expect(other.get_by_role("tooltip")).to_have_text("admin · 편집 가능 · one 선택 중")
    picture(other, "seen-by-mina")

    other.goto("/")
    expect(page.get_by_test_id("people")).not_to_be_attached()
    expect(page.get_by_test_id("people-two")).not_to_be_attached()
    expect(page.get_by_test_id("pointer")).not_to_be_attached()
    assert [middle(button) for button in buttons] == places
