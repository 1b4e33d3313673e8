import { Button, PasswordInput, SegmentedControl, Select, Stack } from "@mantine/core";
import { useState } from "react";
import { account, useSession } from "@/api/account";
import { ApiError } from "@/api/client";
import { LANGUAGES, spoken, useText, type Language } from "@/i18n";
import { ErrorCard } from "@/ui/ErrorCard";
import { Panel } from "@/ui/Panel";
import { whyOf } from "@/ui/Unread";
import { tell } from "../told";
import { usePrefer } from "../usePrefer";

/** What one sets for oneself: language, theme, password. */
export function Profile() {
  const text = useText();
  const { data: session } = useSession();
  const prefer = usePrefer();
  return (
    <Stack gap="lg" maw={640}>
      <Panel title={text("settings.profile.looks")}>
        <Stack gap="md">
          <Select
            size="sm"
            label={text("settings.profile.language")}
            data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
            value={spoken()}
            allowDeselect={false}
            onChange={(next) => void prefer.language((next ?? "en") as Language)}
          />
          <div>
            <p style={{ margin: "0 0 6px", fontWeight: 500 }}>{text("settings.profile.theme")}</p>
            <SegmentedControl
              size="sm"
              aria-label={text("settings.profile.theme")}
              value={session?.theme ?? "auto"}
              onChange={(next) => void prefer.theme(next)}
              data={(["auto", "light", "dark"] as const).map((value) => ({ value, label: text(`settings.profile.themes.${value}`) }))}
            />
          </div>
        </Stack>
      </Panel>
      <Panel title={text("settings.profile.password")}>
        <Password />
      </Panel>
    </Stack>
  );
}

function Password() {
  const text = useText();
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const change = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await account.changePassword({ old, new: next });
      setOld("");
      setNext("");
      tell(text("settings.profile.passwordChanged"));
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void change();
      }}
    >
      <Stack gap="md">
        {error !== null && <ErrorCard error={whyOf(text, error)} />}
        <PasswordInput size="sm" autoComplete="current-password" label={text("settings.profile.oldPassword")} value={old} onChange={(event) => setOld(event.currentTarget.value)} />
        <PasswordInput size="sm" autoComplete="new-password" label={text("settings.profile.newPassword")} description={text("settings.profile.passwordHelp")} value={next} onChange={(event) => setNext(event.currentTarget.value)} />
        <Button type="submit" size="sm" variant="filled" loading={busy} disabled={old === "" || next === ""} style={{ alignSelf: "flex-start" }}>
          {text("settings.profile.changePassword")}
        </Button>
      </Stack>
    </form>
  );
}
