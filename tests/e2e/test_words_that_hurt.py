"""Words that would be code in a page stand in every place where text may stand, and nothing runs."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.hands import node, opened

HURTING = [
    "<img src=x onerror=\"window.hurt='img'\">",
    "<script>window.hurt='script'</script>",
    '"><svg onload="window.hurt=\'svg\'">',
    "{{ '{{' }}constructor.constructor('window.hurt=1')(){{ '}}' }}",
]
LINK = (
    "[press](javascript:window.hurt='link') ![pic](x\" onerror=\"window.hurt='markdown') "
    "[or](data:text/html,<script>window.hurt='data'</script>) [on](https://elsewhere.example/\"onclick=\"window.hurt=1)"
)


def document(word: str) -> dict[str, Any]:
    return {
        "dsl": 1,
        "name": word,
        "inputs": {"type": "object", "properties": {"word": {"type": "string", "title": word, "description": word}}},
        "nodes": [
            {"id": "start", "type": "trigger.manual", "label": word, "position": {"x": 0, "y": 0}},
            {
                "id": "said",
                "type": "data.set",
                "label": word,
                "description": word,
                "position": {"x": 260, "y": 0},
                "config": {"fields": {"word": "{{ input.word }}", "__proto__": "{{ input.word }}"}},
            },
            {"id": "told", "type": "log", "position": {"x": 520, "y": 0}, "config": {"message": "{{ input.word }}"}},
            {
                "id": "ended",
                "type": "flow.stop",
                "position": {"x": 780, "y": 0},
                "config": {"outcome": "error", "message": "{{ input.word }}"},
            },
        ],
        "edges": [{"from": "start", "to": "said"}, {"from": "said", "to": "told"}, {"from": "told", "to": "ended"}],
        "notes": [{"id": "note", "text": f"{word}\n{LINK}", "position": {"x": 0, "y": 200}, "height": 300}],
    }


@pytest.mark.parametrize("place", range(len(HURTING)))
def test_nothing_of_it_runs_wherever_it_is_shown(page: Page, product: Product, place: int) -> None:
    word = HURTING[place]
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    flow = product.publish(document(word))
    run = product.post(f"/api/flows/{flow}/runs/", {"input": {"word": word}}, wait="60s")
    assert run["status"] == "failed"
    assert run["error"]["message"] == word
    secret = {"scheme": "bearer", "token": "a-secret"}
    product.post("/api/credentials/", {"name": word, "kind": "http", "values": secret})

    page.goto("/")
    expect(page.get_by_text(word).first).to_be_visible()
    page.goto("/credentials")
    expect(page.get_by_text(word).first).to_be_visible()
    page.goto("/runs")
    expect(page.get_by_text(word).first).to_be_visible()
    for step in ("said", "told", "ended"):
        page.goto(f"/flows/{flow}?run={run['id']}&step={step}")
        opened(page)
        expect(page.get_by_text(word).first).to_be_visible()
    # Of the links in the note the one that leads to a page is one, and stays within its attribute.
    links = page.get_by_test_id("note-note").get_by_role("link")
    expect(links).to_have_count(1)
    expect(links).to_have_attribute("href", re.compile(r"^https://elsewhere\.example/%22onclick=%22window\.hurt=1$"))
    expect(links).to_have_attribute("rel", "noopener noreferrer")
    node(page, "said").click()
    expect(page.get_by_text("__proto__").first).to_be_visible()
    page.goto(f"/admin/flows/flow/{flow}/change/")
    expect(page.get_by_text(word).first).to_be_visible()
    assert page.evaluate("window.hurt ?? null") is None
    assert page.locator("img[src='x'], svg[onload], a[href^='javascript:'], a[href^='data:']").count() == 0
