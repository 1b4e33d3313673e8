/**
 * The words of the editor, in English and Korean. It decides which language is spoken and how a key is looked up;
 * the words themselves stand in one file per region, beside each other in `en/` and `ko/`.
 */
import i18next from "i18next";
import { useSyncExternalStore } from "react";
import type en from "./en";
import type later from "./en/later";

export type Language = "en" | "ko";
export const LANGUAGES: Record<Language, string> = { en: "English", ko: "한국어" };

type Plain<K extends string> = K extends `${infer Root}_one` ? Root : K extends `${infer Root}_other` ? Root : K;
type Leaves<T, P extends string = ""> = {
  [K in keyof T & string]: T[K] extends string ? `${P}${Plain<K>}` : Leaves<T[K], `${P}${K}.`>;
}[keyof T & string];

/** Every key there is, as `region.name`; a plural is asked for without its `_one` or `_other`. */
export type TextKey = Leaves<typeof en & typeof later>;
export type Values = Record<string, string | number>;
export type Translate = (key: TextKey, values?: Values) => string;

const bundles = { en: () => import("./en"), ko: () => import("./ko") } as const;
const laterBundles = { en: () => import("./en/later"), ko: () => import("./ko/later") } as const;
let wantsLater = false;

/** The language we speak that is nearest to what was asked for; English where none is near. */
export const nearestLanguage = (wanted: string | null | undefined): Language =>
  wanted?.toLowerCase().startsWith("ko") ? "ko" : "en";

/** Load a language's words and speak it from now on; what is on the page changes with it. */
export async function speak(language: Language): Promise<void> {
  const { default: words } = await bundles[language]();
  if (!i18next.isInitialized) {
    await i18next.init({
      lng: language,
      fallbackLng: false,
      resources: { [language]: { translation: words } },
      interpolation: { escapeValue: false },
      returnNull: false,
    });
    i18next.on("languageChanged", () => said.clear());
    i18next.store.on("added", () => said.clear());
  } else {
    i18next.addResourceBundle(language, "translation", words, true, true);
    if (wantsLater) await addLater(language);
    await i18next.changeLanguage(language);
  }
  document.documentElement.lang = language;
}

async function addLater(language: Language): Promise<void> {
  const { default: words } = await laterBundles[language]();
  i18next.addResourceBundle(language, "translation", words, true, true);
}

/** A part that is loaded when it is opened, and with it the words that only such parts need. */
export async function withWords<T>(part: Promise<T>): Promise<T> {
  wantsLater = true;
  const [loaded] = await Promise.all([part, addLater(spoken())]);
  return loaded;
}

/** The language spoken now. */
export const spoken = (): Language => nearestLanguage(i18next.language);

/** What was said already, by key and values: a list that is drawn again with every event says the same again. */
const said = new Map<string, string>();
const MOST_SAID = 5_000;

/** The words for a key, outside React. */
export const t: Translate = (key, values) => {
  const asked = values === undefined ? key : `${key} ${JSON.stringify(values)}`;
  const known = said.get(asked);
  if (known !== undefined) return known;
  const words = i18next.t(key, values ?? {});
  if (said.size >= MOST_SAID) said.clear();
  said.set(asked, words);
  return words;
};

function onSpoken(listener: () => void): () => void {
  i18next.on("languageChanged", listener);
  return () => i18next.off("languageChanged", listener);
}

/** The language spoken, in a component that follows a change of it. */
export const useLanguage = (): Language => useSyncExternalStore(onSpoken, spoken);

const speakers: Record<Language, Translate> = { en: (key, values) => t(key, values), ko: (key, values) => t(key, values) };

/** The words for keys, in a component that follows a change of language: another function in another language. */
export const useText = (): Translate => speakers[useLanguage()];
