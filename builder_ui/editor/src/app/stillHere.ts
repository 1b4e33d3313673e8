/** Says whether the page is still the one it was when this was asked: a late answer leads nobody away. */
export function stillHere(): () => boolean {
  const { pathname } = window.location;
  return () => window.location.pathname === pathname;
}
