"""Flows out as files and in again, by the hands of a person: chosen, handed over, changed on the disk, looked at, taken in."""

import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from bench.product import Product
from tests.e2e.audit import BOX, bare

DOCUMENT = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {"id": "say", "type": "log", "position": {"x": 300, "y": 0}, "config": {"message": "Hello"}},
    ],
    "edges": [{"from": "start", "to": "say"}],
}


def test_flows_go_out_as_files_and_come_in_after_a_look(page: Page, product: Product, tmp_path: Path) -> None:
    names = ("Exchange one", "Exchange two")
    made = {name: product.post("/api/flows/", {"name": name, "document": DOCUMENT})["id"] for name in names}
    page.goto("/?q=Exchange+")
    page.get_by_role("checkbox", name=names[0]).check()
    # The bar of what can be done moves the list down once; the second box is looked for after that.
    expect(page.get_by_role("toolbar").get_by_text("1 chosen")).to_be_visible()
    page.get_by_role("checkbox", name=names[1]).check()
    with page.expect_download() as handed:
        page.get_by_role("toolbar").get_by_role("button", name="Export").click()
    kept = tmp_path / handed.value.suggested_filename
    handed.value.save_as(kept)
    with zipfile.ZipFile(kept) as archive:
        assert sorted(archive.namelist()) == ["exchange-one.yaml", "exchange-two.yaml", "manifest.yaml"]
        text = archive.read("exchange-one.yaml").decode()

    # The whole archive brings nothing new; a file that was changed shows what it would change, and then does.
    page.locator('input[type="file"]').set_input_files(kept)
    expect(page.get_by_test_id("import")).to_contain_text("Nothing would change")
    bare(page, "an import of what is there", BOX)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("import")).to_have_count(0)
    changed = tmp_path / "exchange-one.yaml"
    changed.write_text(text.replace("Hello", "Good day"), encoding="utf-8")
    page.locator('input[type="file"]').set_input_files(changed)
    expect(page.get_by_test_id("import")).to_contain_text("Good day")
    bare(page, "an import", BOX)
    draft = f"/api/flows/{made['Exchange one']}/draft/"
    assert product.get(draft)["document"]["nodes"][1]["config"] == {"message": "Hello"}, "looking writes nothing"
    page.get_by_test_id("import").get_by_role("button", name="Import 1 flow").click()
    expect(page.get_by_test_id("node-say")).to_contain_text("Good day")
    assert product.get(draft)["document"]["nodes"][1]["config"] == {"message": "Good day"}

    # In the editor it goes out as the same file.
    page.keyboard.press("Control+k")
    page.get_by_test_id("command-palette").get_by_role("combobox").fill("Export as a YAML file")
    with page.expect_download() as handed:
        page.keyboard.press("Enter")
    handed.value.save_as(kept)
    assert kept.read_text(encoding="utf-8") == changed.read_text(encoding="utf-8")
