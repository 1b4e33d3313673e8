/* Carries an invitation's secret from behind the # of its link into the page's form. It is kept in this tab alone, so
   that signing in or choosing a language on the way doesn't lose it, and forgotten once it opens nothing any more. */
const KEY = "mulgil.invitation";
const asking = document.getElementById("asking");
const joining = document.getElementById("joining");

if (location.hash.length > 1) {
  sessionStorage.setItem(KEY, location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
const secret = sessionStorage.getItem(KEY);
if (asking?.dataset.told === "closed") {
  sessionStorage.removeItem(KEY);
} else if (asking !== null && asking.dataset.told === undefined && secret !== null) {
  asking.elements.namedItem("secret").value = secret;
  asking.submit();
}
joining?.addEventListener("submit", () => {
  // The editor opens the workspace joined, not the one last used in this browser.
  localStorage.removeItem("mulgil.workspace");
});
