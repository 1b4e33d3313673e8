"""The first minutes: what people bring along becomes part of a flow."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.hands import node, opened, saved

Picture = Callable[[Page, str], None]

COMMAND = r"""curl 'https://api.example/orders' \
  -H 'Content-Type: application/json' -H 'Authorization: Bearer s3cret' \
  --data-raw '{"order":"A-1","note":"{{ kept }}"}' --compressed"""


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
