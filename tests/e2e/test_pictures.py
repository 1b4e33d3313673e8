"""The flow as a picture to keep: whole, in the theme that is shown, and nothing in it but shapes and words."""

import struct
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.hands import opened

Picture = Callable[[Page, str], None]
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</text><script>alert(1)</script><image href="https://evil.example/x.png"/> & 물길'


@pytest.fixture
def flow(product: Product) -> str:
    nodes = [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "large", "type": "flow.if", "label": HOSTILE, "position": {"x": 300, "y": 0},
         "config": {"condition": "{{ input.total > 100 }}"}},
        {"id": "far", "type": "log", "label": "Far away", "position": {"x": 2600, "y": 1400},
         "config": {"message": "far"}},
        {"id": "turns", "type": "flow.for_each", "position": {"x": 300, "y": 240},
         "config": {"items": "{{ input.rows }}", "concurrency": 5}},
        {"id": "inner", "type": "log", "position": {"x": 340, "y": 300}, "parent": "turns", "config": {"message": "x"}},
    ]  # fmt: skip
    edges = [{"from": "start", "to": "large"}, {"from": "large", "port": "true", "to": "far"},
             {"from": "large", "port": "false", "to": "turns"}]  # fmt: skip
    notes = [{"id": "note", "text": f"**Careful** {HOSTILE}", "position": {"x": 0, "y": 240}}]
    document = {"dsl": 1, "nodes": nodes, "edges": edges, "notes": notes}
    return str(product.post("/api/flows/", {"name": "Pictured <flow>", "document": document})["id"])


def kept(page: Page, name: str) -> Path:
    """Ask for a picture through the palette of commands; answers with the file the browser kept."""
    expect(page.get_by_role("dialog")).to_have_count(0)  # one that is still closing has the keys
    page.keyboard.press("Control+k")
    page.get_by_test_id("command-palette").get_by_role("combobox").fill(name)
    with page.expect_download() as download:
        page.get_by_role("option", name=name).click()
    return Path(download.value.path())


def test_the_whole_flow_is_kept_as_svg_and_png(page: Page, flow: str, picture: Picture) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    text = kept(page, "Save the picture as SVG").read_text()
    root = ET.fromstring(text)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        "svg", "title", "style", "rect", "g", "path", "text", "tspan", "circle",
    }  # fmt: skip
    words = ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]
    assert "Far away" in words
    assert "×n · 5 at a time" in words
    assert any(said.startswith("</text><script>") for said in words)
    assert float(root.get("width", "0")) > 2800, "what is not on the screen is in the picture"
    assert "https://evil.example" not in "".join(value for element in root.iter() for value in element.attrib.values())
    own = page.url.split("/flows/")[0]
    assert all(url.startswith((own, "blob:", "data:")) for url in asked), asked

    # What a browser makes of it is the same whether it is opened alone or drawn as pixels here.
    png = kept(page, "Save the picture as PNG").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == (int(float(root.get("width", "0")) * 2), int(float(root.get("height", "0")) * 2))
    assert len(png) > 20_000

    page.evaluate("document.documentElement.setAttribute('data-mantine-color-scheme', 'dark')")
    dark = ET.fromstring(kept(page, "Save the picture as SVG").read_text())
    ground = [next(iter(each.iter(f"{SVG}rect"))).get("fill") for each in (root, dark)]
    assert ground == ["#f6f8f9", "#0f171b"]


def test_the_menu_of_the_canvas_offers_pictures(page: Page, flow: str) -> None:
    page.goto(f"/flows/{flow}")
    opened(page)
    page.locator(".react-flow__pane").click(button="right", position={"x": 400, "y": 60})
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Save the picture as SVG").click()
    assert download.value.suggested_filename == "Pictured-flow.svg"
    expect(page.get_by_role("menuitem")).to_have_count(0)
