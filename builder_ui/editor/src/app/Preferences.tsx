import { useMantineColorScheme } from "@mantine/core";
import { useEffect } from "react";
import type { Session } from "@/api/account";
import { nearestLanguage, speak, spoken } from "@/i18n";
import { useKeys } from "@/store/keys";

/** Brings the page to what the person prefers: the language, theme and keys of their profile. */
export function Preferences({ session }: { session: Session }) {
  const { setColorScheme } = useMantineColorScheme();
  useEffect(() => {
    if (session.language !== "" && nearestLanguage(session.language) !== spoken()) void speak(nearestLanguage(session.language));
  }, [session.language]);
  useEffect(() => setColorScheme(session.theme), [session.theme, setColorScheme]);
  useEffect(() => useKeys.setState({ own: session.keys }), [session.keys]);
  return null;
}
