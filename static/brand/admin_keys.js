// What Unfold lets only a mouse press, for keys too: reached by Tab, pressed by Enter and Space, named, and closed by Escape.
// It runs before Alpine reads the page, so it can say in Alpine's own words what is expanded and what is chosen.
const words = document.currentScript.dataset;
const PRESSED = "[x-on\\:click]:not(a[href], button, input, label, summary)";
const REACHED = "a[href], button, input, select, textarea, [tabindex]";
// What stands there as a bare icon, by the state that it switches.
const NAMES = {
  sidebarDesktopOpen: words.sidebar,
  sidebarMobileOpen: words.sidebar,
  openUserLinks: words.account,
  openTheme: words.theme,
  openRelatedWidgetWrapper: words.more,
  openTabsDropdown: words.more,
};
const POPUPS = ["filterOpen", "sidebarMobileOpen", "openUserLinks", "openTheme", "openRelatedWidgetWrapper", "openTabsDropdown"];

/** What is open above the page in this state; of several it is the one whose own state says so. */
function popupOf(state) {
  if (state === "sidebarMobileOpen") return document.getElementById("nav-sidebar");
  return [...document.querySelectorAll(`[x-show="${state}"]`)].find((popup) => Alpine.$data(popup)[state]);
}

/** What Tab would come to in this, in order. */
const within = (popup) =>
  [...popup.querySelectorAll(REACHED)].filter(
    (one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }),
  );

/** Go to the first thing in what has opened, as soon as it is to be seen. */
function enter(opener, popup) {
  if (opener.ariaExpanded !== "true") return;
  const [first] = within(popup);
  if (first) first.focus();
  else requestAnimationFrame(() => enter(opener, popup));
}

/** Tab goes round within what is open: it lies over the page, and much of it at the page's very end. */
function goRound(event, popup) {
  const all = within(popup);
  const [first, last] = event.shiftKey ? [all.at(-1), all[0]] : [all[0], all.at(-1)];
  if (document.activeElement !== last && popup.contains(document.activeElement)) return;
  event.preventDefault();
  first?.focus();
}

/** Let what this opens take the focus and keep it, close by Escape, and give the focus back. */
function opens(opener, state) {
  let popup;
  const pressed = (event) => {
    if (event.key === "Escape") Alpine.$data(opener)[state] = false;
    else if (event.key === "Tab") goRound(event, popup);
  };
  new MutationObserver(() => {
    const isHolding = popup?.contains(document.activeElement);
    removeEventListener("keydown", pressed);
    if (opener.ariaExpanded !== "true") return isHolding && opener.focus();
    popup = popupOf(state);
    addEventListener("keydown", pressed);
    enter(opener, popup);
  }).observe(opener, { attributeFilter: ["aria-expanded"] });
}

for (const actor of document.querySelectorAll(PRESSED)) {
  const click = actor.getAttribute("x-on:click");
  const state = /^(\w+) = (?:true|!\1)/.exec(click)?.[1];
  const theme = /^(?:switchTheme\(|adminTheme = )'(\w+)'/.exec(click)?.[1];
  actor.tabIndex = 0;
  actor.setAttribute("role", "button");
  const name = NAMES[state] ?? (actor.id === "changelist-filter-close" ? words.close : actor.title);
  if (name) actor.setAttribute("aria-label", name);
  if (theme) actor.setAttribute("x-bind:aria-pressed", `adminTheme == '${theme}'`);
  else if (state === "showPassword") actor.setAttribute("x-bind:aria-pressed", state);
  else if (state) actor.setAttribute("x-bind:aria-expanded", state);
  if (POPUPS.includes(state) && !actor.closest("#nav-sidebar-inner > :first-child")) opens(actor, state);
}

addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (!(key === "Enter" || key === " ") || !target.matches(PRESSED)) return;
  event.preventDefault();
  target.click();
});

// The letters of an icon are the name of its picture, and nothing to be read out: what has no other name gets one.
for (const icon of document.querySelectorAll(".material-symbols-outlined:not([role])")) icon.ariaHidden = "true";
for (const [which, name] of [["#nav-sidebar a", words.home], ["#searchbar-submit", words.search]]) {
  document.querySelector(which)?.setAttribute("aria-label", name);
}
