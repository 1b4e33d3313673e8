/** The words of one shell command, as a POSIX shell splits them. Nothing is expanded or run. */

const ANSI: Record<string, string> = { n: "\n", t: "\t", r: "\r", "\\": "\\", "'": "'", '"': '"' };
/** What a backslash takes its meaning from between double quotes; before all else it stands for itself. */
const QUOTED = new Set(["$", "`", '"', "\\"]);
const ENDS = new Set(["\n", ";", "|", "&"]);

interface Read {
  text: string;
  next: number;
}

/** The inside of a quotation that began before `at`; null where it never ends. */
type Reader = (text: string, at: number) => Read | null;

const single: Reader = (text, at) => {
  const end = text.indexOf("'", at);
  return end === -1 ? null : { text: text.slice(at, end), next: end + 1 };
};

const double: Reader = (text, at) => {
  let word = "";
  for (let i = at; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (char === '"') return { text: word, next: i + 1 };
    if (char !== "\\") {
      word += char;
      continue;
    }
    i += 1;
    const escaped = text.charAt(i);
    if (escaped !== "\n") word += QUOTED.has(escaped) ? escaped : `\\${escaped}`;
  }
  return null;
};

const ansi: Reader = (text, at) => {
  let word = "";
  for (let i = at; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (char === "'") return { text: word, next: i + 1 };
    if (char !== "\\") {
      word += char;
      continue;
    }
    const code = /^(?:x([0-9a-f]{1,2})|u([0-9a-f]{1,4}))/i.exec(text.slice(i + 1, i + 6));
    const digits = code?.[1] ?? code?.[2];
    if (code !== null && digits !== undefined) {
      word += String.fromCharCode(parseInt(digits, 16));
      i += code[0].length;
    } else {
      i += 1;
      word += ANSI[text.charAt(i)] ?? `\\${text.charAt(i)}`;
    }
  }
  return null;
};

/** The reader of a quotation that begins at `at`, and how long its opening is. */
function quotation(text: string, at: number): [Reader, number] | null {
  if (text.startsWith("$'", at)) return [ansi, 2];
  if (text.charAt(at) === "'") return [single, 1];
  return text.charAt(at) === '"' ? [double, 1] : null;
}

/** The first command's words; null where a quotation is left open. */
export function wordsOf(text: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    const quoted = quotation(text, at);
    if (quoted !== null) {
      const read = quoted[0](text, at + quoted[1]);
      if (read === null) return null;
      word = (word ?? "") + read.text;
      at = read.next;
    } else if (char === "\\") {
      const continues = /^\\\r?\n/.exec(text.slice(at, at + 3));
      if (continues === null) word = (word ?? "") + text.charAt(at + 1);
      at += continues?.[0].length ?? 2;
    } else if (/\s/.test(char) || (word === null && ENDS.has(char)) || char === ";") {
      if (word !== null) words.push(word);
      word = null;
      if (ENDS.has(char) && words.length > 0) return words;
      at += 1;
    } else {
      word = (word ?? "") + char;
      at += 1;
    }
  }
  return word === null ? words : [...words, word];
}
