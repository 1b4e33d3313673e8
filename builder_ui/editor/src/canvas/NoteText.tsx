import type { ReactNode } from "react";
import { BULLET, HEADING, linkOf, MARKED } from "@/document/markdown";

/** Links, `**bold**`, `*slanted*` and `` `code` `` within a line. Everything else is text, never markup. */
function inline(line: string): ReactNode[] {
  return line.split(MARKED).map((part, index) => {
    if (/^\*\*.+\*\*$/.test(part)) return <strong key={index}>{part.slice(2, -2)}</strong>;
    if (/^\*.+\*$/.test(part)) return <em key={index}>{part.slice(1, -1)}</em>;
    if (/^`.+`$/.test(part)) return <code key={index}>{part.slice(1, -1)}</code>;
    const link = linkOf(part);
    if (link === null) return part;
    // Where it leads is seen before it is followed, and the page it leads to learns nothing of this one.
    return (
      <a key={index} className="nodrag" href={link.href} title={link.href} target="_blank" rel="noopener noreferrer" onDoubleClick={(event) => event.stopPropagation()}>
        {link.words}
      </a>
    );
  });
}

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
              const words = HEADING.test(line) ? [<strong key={at}>{inline(line.replace(HEADING, ""))}</strong>] : inline(line);
              return at === 0 ? words : [<br key={`${at}.`} />, ...words];
            })}
          </p>
        );
      })}
    </>
  );
}
