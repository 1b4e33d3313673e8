/** The page's CSP nonce, for the style tags that libraries make at run time. Empty where the page has none. */
export const styleNonce = (): string =>
  document.querySelector<HTMLScriptElement | HTMLStyleElement>("script[nonce], style[nonce]")?.nonce ?? "";
