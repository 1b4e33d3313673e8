"""Promotion by hand: one version live in two environments, each with values of its own, and what its runs say in either; by
one person alone, and by two where a second pair of eyes is asked for."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bench.product import Product
from tests.e2e.audit import BOX, bare
from tests.e2e.hands import dialog, joined, opened, saved

VARIABLE: Final = "sign_over_the_door"
DOCUMENT: Final[dict[str, Any]] = {
    "dsl": 1,
    "settings": {"vars": {VARIABLE: None}},
    "nodes": [
        {"id": "start", "type": "trigger.manual", "position": {"x": 0, "y": 0}},
        {
            "id": "say",
            "type": "data.set",
            "config": {"fields": {"sign": f"{{{{ vars.{VARIABLE} }}}}"}},
            "position": {"x": 260, "y": 0},
        },
    ],
    "edges": [{"from": "start", "to": "say"}],
}


def give(page: Page, environment: str, value: str) -> None:
    """Let the environment say the variable's value, on the page of settings."""
    card = page.get_by_role("listitem", name=environment, exact=True)
    card.get_by_role("button", name=environment, exact=True).click()
    card.get_by_role("button", name="Add a variable").click()
    card.get_by_label("Variable", exact=True).last.fill(VARIABLE)
    card.get_by_label(f"Value of {VARIABLE} as JSON").fill(json.dumps(value))
    card.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"{environment} is saved")).to_be_visible()


def output_in(page: Page, product: Product, flow: str, environment: str, *, is_default: bool) -> Any:
    """Start the version that is live there, from the editor, and wait for what it gives."""
    page.get_by_role("button", name="More ways to run").click()
    page.get_by_role("menuitem", name="Run live version v1 in production…").click()
    asking = dialog(page, "Start a run")
    # The input takes the focus when it comes, and would close a list that is open before.
    expect(asking.locator(".cm-content")).to_be_visible()
    choice = asking.get_by_role("combobox", name="Environment")
    expect(choice).to_have_value("production")
    if not is_default:
        choice.click()
        page.get_by_role("option", name=environment, exact=True).click()
    asking.get_by_role("button", name="Start", exact=True).click()
    expect(asking).to_have_count(0)
    (run,) = product.get("/api/runs/", flow=flow, environment=environment)["results"]
    chip = page.get_by_test_id("run-chip")
    expect(chip).to_contain_text(f"#{run['number']} ")
    expect(chip).to_have_attribute("data-status", "succeeded")
    return product.get(f"/api/runs/{run['id']}/")["output"]


def promoting_to(page: Page, environment: str) -> Locator:
    """The dialog that promotes what is live, on its way there."""
    page.get_by_role("button", name="Promote…").click()
    asking = dialog(page, "Promote a version")
    asking.get_by_role("combobox", name="To", exact=True).click()
    page.get_by_role("option", name=environment, exact=True).click()
    return asking


def is_refused(page: Page, asking: Locator) -> None:
    """Staging says nothing yet: the refusal names what it lacks, and nothing can be released."""
    refusal = asking.get_by_role("alert")
    expect(refusal).to_contain_text("v1 can't go to staging")
    expect(refusal).to_contain_text(f"{VARIABLE}: the flow leaves the value to the environment, and staging has none.")
    expect(asking.get_by_role("button", name="Release in staging")).to_be_disabled()
    bare(page, "why a version can't go there", BOX)


def test_a_version_is_promoted_and_says_in_each_environment_what_that_gives_it(
    page: Page, product: Product, picture: Callable[[Page, str], None]
) -> None:
    flow = product.post("/api/flows/", {"name": "Says where it is", "document": DOCUMENT})["id"]
    page.goto("/settings/environments")
    give(page, "production", "Open to all")

    page.goto(f"/flows/{flow}?side=versions")
    opened(page)
    saved(page)
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog(page, "Publish the draft").get_by_role("button", name="Publish", exact=True).click()
    chips = page.get_by_role("group", name="Environment that is looked at")
    expect(chips.get_by_role("button", name="production v1")).to_be_visible()

    is_refused(page, promoting_to(page, "staging"))

    page.goto("/settings/environments")
    page.get_by_role("button", name="production", exact=True).click()
    expect(page.get_by_label(f"Value of {VARIABLE} as JSON")).to_be_visible()
    bare(page, "an environment's settings")
    give(page, "staging", "Staff only")
    picture(page, "settings")

    page.goto(f"/flows/{flow}?side=versions")
    opened(page)
    asking = promoting_to(page, "staging")
    row = asking.get_by_role("table", name="Variables").get_by_role("row", name=VARIABLE)
    expect(row.get_by_role("cell")).to_have_text(['"Open to all"', '"Staff only"', "the environment"])
    bare(page, "a promotion", BOX)
    picture(page, "preview")
    asking.get_by_role("button", name="Release in staging").click()
    expect(asking).to_have_count(0)
    expect(chips.get_by_role("button", name="staging v1")).to_have_attribute("aria-pressed", "true")

    assert output_in(page, product, flow, "production", is_default=True) == {"sign": "Open to all"}
    assert output_in(page, product, flow, "staging", is_default=False) == {"sign": "Staff only"}

    page.goto(f"/runs?flow={flow}")
    runs = page.get_by_role("link", name=re.compile(r"Says where it is #\d"))
    expect(runs).to_have_count(2)
    page.get_by_role("combobox", name="Environment").click()
    page.get_by_role("option", name="staging", exact=True).click()
    expect(runs).to_have_count(1)
    expect(page.get_by_role("row").filter(has=runs)).to_contain_text("staging")
    picture(page, "runs")


GUARDED: Final = "behind-the-gate"
AT_THE_GATE: Final = "sign_at_the_gate"


def gated() -> dict[str, Any]:
    say = {**DOCUMENT["nodes"][1], "config": {"fields": {"sign": f"{{{{ vars.{AT_THE_GATE} }}}}"}}}
    settings = {"vars": {AT_THE_GATE: "Open to all"}}
    return {**DOCUMENT, "name": "Behind a gate", "settings": settings, "nodes": [DOCUMENT["nodes"][0], say]}


@pytest.fixture
def other(product: Product, browser: Browser) -> Iterator[Page]:
    """A second person who may release, in a browser of their own."""
    page = joined(browser, product, "sena", "editor")
    yield page
    page.context.close()


def test_what_one_person_proposes_another_sees_and_approves_and_it_is_live_there(
    page: Page, other: Page, product: Product, picture: Callable[[Page, str], None]
) -> None:
    product.post("/api/environments/", {"name": GUARDED})
    protection = {"needs_second": True, "vars": {AT_THE_GATE: "Members only"}}
    product.client.patch(f"/api/environments/{GUARDED}/", json=protection).raise_for_status()
    flow = product.publish(gated())
    for person in (page, other):
        person.goto(f"/flows/{flow}?side=versions")
        opened(person)

    asking = promoting_to(page, GUARDED)
    row = asking.get_by_role("table", name="Variables").get_by_role("row", name=AT_THE_GATE)
    expect(row.get_by_role("cell")).to_have_text(['"Open to all"', '"Members only"', "the environment"])
    picture(page, "preview")
    asking.get_by_label("Reason").fill("it held")
    asking.get_by_role("button", name="Propose", exact=True).click()
    own = page.get_by_role("region", name=f"Proposal of v1 for {GUARDED}")
    expect(own.get_by_role("button", name="Withdraw")).to_be_visible()
    expect(own.get_by_role("button", name="Approve and release")).to_have_count(0)
    (waiting,) = product.get(f"/api/flows/{flow}/proposals/")["results"]
    refused = product.client.post(f"/api/flows/{flow}/proposals/{waiting['id']}/approve/", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "own_proposal")

    # The other had the page open all along: what was proposed comes by itself.
    theirs = other.get_by_role("region", name=f"Proposal of v1 for {GUARDED}")
    expect(theirs).to_contain_text("Proposed by admin")
    expect(theirs).to_contain_text("it held")
    bare(other, "a proposal")
    picture(other, "proposed")
    theirs.get_by_role("button", name="Approve and release").click()
    expect(theirs).to_have_count(0)

    # And so does what was decided.
    expect(page.get_by_role("button", name=f"{GUARDED} v1")).to_be_visible()
    expect(own).to_have_count(0)
    picture(page, "approved")
    for environment, sign in ((GUARDED, "Members only"), ("production", "Open to all")):
        ran = product.post(f"/api/flows/{flow}/runs/", {"environment": environment}, wait="30s")
        assert ran["output"] == {"sign": sign}
