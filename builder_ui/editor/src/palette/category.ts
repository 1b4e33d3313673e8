import type { TextKey, Translate } from "@/i18n";

const KNOWN: Record<string, TextKey> = {
  trigger: "palette.category.trigger",
  flow: "palette.category.flow",
  data: "palette.category.data",
  net: "palette.category.net",
  code: "palette.category.code",
  database: "palette.category.database",
  people: "palette.category.people",
  queue: "palette.category.queue",
  ai: "palette.category.ai",
  ml: "palette.category.ml",
};

/** A category's name; one that a package brought along is called what it calls itself. */
export function categoryText(text: Translate, category: string): string {
  const key = KNOWN[category];
  return key === undefined ? category : text(key);
}
