// What the scripts of Unfold and Django make, for those who listen to a page. Theirs run first: they were asked to before.
addEventListener("load", () => {
  // Whatever scrolls would be a region of the page, each by the same English name.
  for (const scrolled of document.querySelectorAll(".simplebar-content-wrapper")) {
    scrolled.setAttribute("role", "group");
    scrolled.removeAttribute("aria-label");
  }
  // The menu of one's account stands in the navigation, and is none of its own.
  for (const menu of document.querySelectorAll("nav nav")) menu.setAttribute("role", "none");
  // Only an image may have a name in the place of a text.
  for (const icon of document.querySelectorAll(".help-tooltip[aria-label]")) icon.setAttribute("role", "img");
});
