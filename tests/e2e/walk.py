"""A walk through a page by Tab alone: what it comes to, and what it misses."""

from typing import Final

from playwright.sync_api import Locator, Page, expect

# What acts on a click and is to be seen, but is no control, and stands in none, that Tab came to on its way.
MISSED: Final = """within => {
  const control = 'a, button, input, select, textarea, summary, [role=button]';
  const hand = one => getComputedStyle(one).cursor === 'pointer' && getComputedStyle(one.parentElement).cursor !== 'pointer';
  const acts = one => one.matches('[x-on\\\\:click], [onclick], a, button') || (hand(one) && !one.querySelector(control));
  const walked = one => 'walked' in (one.closest(control)?.dataset ?? {});
  return [...document.querySelectorAll(`${within} *`)]
    .filter(one => acts(one) && !walked(one) && !one.closest('label, :disabled') && one.getBoundingClientRect().width)
    .filter(one => one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
    .map(one => one.outerHTML.slice(0, 200));
}"""
# Marks what has the focus; whether the walk has been there before. At the end of the page it is nowhere, then at the top.
WALKED: Final = """() => {
  const one = document.activeElement, again = 'walked' in one.dataset;
  if (one !== document.body) one.dataset.walked = '';
  return again;
}"""
RING: Final = "one => getComputedStyle(one).outlineStyle + ' ' + getComputedStyle(one).outlineWidth"
STANDS_OUT: Final = "one => getComputedStyle(one).outlineColor !== getComputedStyle(one).backgroundColor"


def missed(page: Page, within: str = "body") -> list[str]:
    """What a walk through this part of the page by Tab alone never comes to, though a click on it would do something."""
    page.evaluate("document.querySelectorAll('[data-walked]').forEach(one => delete one.dataset.walked)")
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate(WALKED):
            break
    return [f"{page.url} {one}" for one in page.evaluate(MISSED, within)]


def walk_to(page: Page, what: Locator) -> None:
    """Press Tab until this has the focus, with a line around it."""
    for _ in range(400):
        if what.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(what).to_be_focused()
    assert what.evaluate(RING) == "solid 2px"
    assert what.evaluate(STANDS_OUT)
