import { useMantineColorScheme } from "@mantine/core";
import { useEffect } from "react";
import type { Session } from "@/api/account";
import { nearestLanguage, speak, spoken } from "@/i18n";

/** Brings the page to what the person prefers: the language and theme of their profile. */
export function Preferences({ session }: { session: Session }) {
  const { setColorScheme } = useMantineColorScheme();
  useEffect(() => {
    if (session.language !== "" && nearestLanguage(session.language) !== spoken()) void speak(nearestLanguage(session.language));
  }, [session.language]);
  useEffect(() => setColorScheme(session.theme), [session.theme, setColorScheme]);
  return null;
}
