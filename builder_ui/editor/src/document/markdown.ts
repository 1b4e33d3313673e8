/** The few marks that the words of a note know. What is no such mark is text: no word of a note can become markup. */

/** Words that name a place, in brackets, and its address in round ones, which may hold a pair of their own. */
const LINK = String.raw`\[[^[\]\n]+\]\((?:[^()\s]|\([^()\s]*\))+\)`;

/** A line is split by this into its plain and its marked parts: links, `**bold**`, `*slanted*` and `` `code` ``. */
export const MARKED = new RegExp(`(${LINK}|\\*\\*[^*]+\\*\\*|\\*[^*\\s][^*]*\\*|\`[^\`]+\`)`);

export const BULLET = /^\s*[-*]\s+/;
export const HEADING = /^#{1,4}\s+/;

/** What a note may lead to: pages and letters, nothing that runs in this page or carries its content along. */
const LEADS_TO: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);

export interface Link {
  words: string;
  /** Absolute, as a browser reads it. */
  href: string;
}

/** The link that a marked part is; null where it is none, or leads where no note may. */
export function linkOf(part: string): Link | null {
  const [, words, address] = /^\[([^[\]\n]+)\]\((.+)\)$/.exec(part) ?? [];
  const url = words === undefined || address === undefined ? null : urlOf(address);
  return words !== undefined && url !== null && LEADS_TO.has(url.protocol) ? { words, href: url.href } : null;
}

/** An absolute address as a browser reads it, which may be another than what it looks like; null where it is none. */
function urlOf(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/** The first line that says something, without its marks: what a note is called where only its name is told. */
export function firstWords(text: string): string {
  const line = text.split("\n").find((each) => each.trim() !== "") ?? "";
  return line
    .replace(HEADING, "")
    .replace(BULLET, "")
    .split(MARKED)
    .map((part) => linkOf(part)?.words ?? part.replace(/^(\*\*|\*|`)(.+)\1$/, "$2"))
    .join("")
    .trim()
    .slice(0, 120);
}
