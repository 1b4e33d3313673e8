/** The page's CSP nonce, for the style tags that libraries make at run time. Empty where the page has none. */
export function styleNonce(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]');
  const tag = document.querySelector<HTMLElement>("script[nonce], style[nonce], link[nonce]");
  return meta?.nonce || meta?.content || tag?.nonce || "";
}
