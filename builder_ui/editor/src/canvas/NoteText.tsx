import type { ReactNode } from "react";

/** `**bold**`, `*slanted*` and `` `code` `` within a line. Everything else is text, never markup. */
function inline(line: string): ReactNode[] {
  return line.split(/(\*\*[^*]+\*\*|\*[^*\s][^*]*\*|`[^`]+`)/).map((part, index) => {
    if (/^\*\*.+\*\*$/.test(part)) return <strong key={index}>{part.slice(2, -2)}</strong>;
    if (/^\*.+\*$/.test(part)) return <em key={index}>{part.slice(1, -1)}</em>;
    if (/^`.+`$/.test(part)) return <code key={index}>{part.slice(1, -1)}</code>;
    return part;
  });
}

const BULLET = /^\s*[-*]\s+/;

/** A note's words: paragraphs, headings and lists. */
export function NoteText({ source }: { source: string }) {
  const blocks = source.split(/\n{2,}/);
  return (
    <>
      {blocks.map((block, index) => {
        const lines = block.split("\n");
        if (lines.every((line) => BULLET.test(line))) {
          return <ul key={index}>{lines.map((line, at) => <li key={at}>{inline(line.replace(BULLET, ""))}</li>)}</ul>;
        }
        return (
          <p key={index}>
            {lines.flatMap((line, at) => {
              const heading = /^#{1,4}\s+(.*)$/.exec(line)?.[1];
              const words = heading === undefined ? inline(line) : [<strong key={at}>{heading}</strong>];
              return at === 0 ? words : [<br key={`${at}.`} />, ...words];
            })}
          </p>
        );
      })}
    </>
  );
}
