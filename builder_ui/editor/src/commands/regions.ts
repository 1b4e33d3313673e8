/** The regions of the page, as the keyboard goes through them: whoever marks itself `data-region` is one. */

const CONTROLS = "input:not(:disabled), textarea:not(:disabled), select:not(:disabled), [contenteditable=true], button:not(:disabled), a[href], [tabindex='0']";

/** Where the focus begins in each region; first what is named first. */
const BEGINNINGS: Record<string, readonly string[]> = {
  inspector: ["[data-field] :is(input, textarea, [contenteditable=true])", "[role=tab][aria-selected=true]"],
  outline: ["[role=treeitem][tabindex='0']"],
  canvas: [".react-flow__node.selected"],
  runs: ["[role=tab][aria-selected=true]", "[role=tab]"],
};

const isSeen = (element: HTMLElement): boolean => element.getClientRects().length > 0;

function beginningOf(region: HTMLElement): HTMLElement | null {
  for (const place of [...(BEGINNINGS[region.dataset.region ?? ""] ?? []), CONTROLS]) {
    const found = [...region.querySelectorAll<HTMLElement>(place)].find((each) => isSeen(each) && (each.tabIndex >= 0 || each.isContentEditable));
    if (found) return found;
  }
  return null;
}

/** Give the focus to a region; says whether it is there and has something to hold it. */
function focusIn(region: HTMLElement | undefined): boolean {
  const beginning = region === undefined ? null : beginningOf(region);
  beginning?.focus();
  return beginning !== null;
}

const all = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-region]")].filter(isSeen);

export const enter = (name: string): void => void focusIn(all().find((region) => region.dataset.region === name));

/** From the region that has the focus to the next that can hold it, and from the last to the first. */
export function enterNext(step: 1 | -1): void {
  const regions = all();
  const here = regions.findIndex((region) => region.contains(document.activeElement));
  const from = here === -1 && step === -1 ? 0 : here;
  for (let count = 1; count <= regions.length; count += 1) {
    const at = (((from + step * count) % regions.length) + regions.length) % regions.length;
    if (focusIn(regions[at])) return;
  }
}
