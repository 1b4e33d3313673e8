import { Button, Group, Input, JsonInput, NumberInput, Select, Stack, Switch, TagsInput, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/api/client";
import { outbox, outboxKeys, type Destination, type DestinationDraft } from "@/api/outbox";
import { useCredentials } from "@/api/queries";
import { useText } from "@/i18n";
import { DurationInput } from "@/ui/DurationInput";
import { ErrorCard } from "@/ui/ErrorCard";
import { isUnread, Unread, whyOf } from "@/ui/Unread";

interface Props {
  changes?: Destination;
  onDone: () => void;
}

const FRESH: DestinationDraft = { name: "", kind: "http", config: {}, topics: [], credential: "", signing: "", active: true, max_attempts: 20, max_age: "1d", waits_for_dead: false };

const draftOf = (one: Destination): DestinationDraft => ({
  name: one.name,
  kind: one.kind,
  config: one.config,
  topics: one.topics,
  credential: one.credential,
  signing: one.signing,
  active: one.active,
  max_attempts: one.max_attempts,
  max_age: one.max_age,
  waits_for_dead: one.waits_for_dead,
});

/** The settings as an object; null while what is written is none. */
function read(settings: string): Record<string, unknown> | null {
  try {
    const found: unknown = JSON.parse(settings || "{}");
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Set a destination up, or change one. */
export function DestinationForm({ changes, onDone }: Props) {
  const text = useText();
  const client = useQueryClient();
  const kinds = useQuery({ queryKey: outboxKeys.kinds, queryFn: outbox.kinds, staleTime: Infinity });
  const all = useCredentials();
  const credentials = all.data?.results ?? [];
  const [draft, setDraft] = useState<DestinationDraft>(changes ? draftOf(changes) : FRESH);
  const [settings, setSettings] = useState(JSON.stringify(changes?.config ?? {}, null, 2));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const set = (part: Partial<DestinationDraft>): void => setDraft((before) => ({ ...before, ...part }));
  const isHttp = draft.kind === "http";
  const config = isHttp ? draft.config : read(settings);
  // What is set stands there although the credentials are not known.
  const named = (set: string, kind?: string) => [...new Set([...credentials.filter((one) => kind === undefined || one.kind === kind).map((one) => one.name), ...(set === "" ? [] : [set])])];

  const save = async (): Promise<void> => {
    if (config === null) return;
    setBusy(true);
    setError(null);
    try {
      const body = { ...draft, config };
      await (changes ? outbox.change(changes.id, body) : outbox.create(body));
      await client.invalidateQueries({ queryKey: outboxKeys.destinations });
      onDone();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Stack gap="md">
        {error !== null && <ErrorCard error={whyOf(text, error)} />}
        <TextInput label={text("outbox.destinations.name")} required data-autofocus value={draft.name} onChange={(event) => set({ name: event.currentTarget.value })} />
        <TagsInput label={text("outbox.destinations.topics")} description={text("outbox.destinations.topicsHelp")} value={draft.topics} acceptValueOnBlur onChange={(topics) => set({ topics })} />
        {(kinds.data?.kinds.length ?? 0) > 1 && <Select label={text("outbox.destinations.kind")} data={kinds.data?.kinds ?? []} value={draft.kind} allowDeselect={false} onChange={(kind) => set({ kind: kind ?? draft.kind, config: {} })} />}
        {isHttp ? (
          <TextInput label={text("outbox.destinations.url")} required value={typeof draft.config.url === "string" ? draft.config.url : ""} onChange={(event) => set({ config: { url: event.currentTarget.value } })} />
        ) : (
          <JsonInput label={text("outbox.destinations.settings")} autosize minRows={3} value={settings} error={config === null ? text("outbox.destinations.notJson") : null} onChange={setSettings} />
        )}
        {isUnread(kinds) && <Unread what={text("outbox.destinations.kinds")} asked={kinds} />}
        {isUnread(all) && <Unread what={text("pages.credentials.title")} asked={all} />}
        <Select label={text("outbox.destinations.credential")} data={named(draft.credential, isHttp ? "http" : undefined)} value={draft.credential || null} placeholder={text("common.none")} clearable onChange={(credential) => set({ credential: credential ?? "" })} />
        {isHttp && <Select label={text("outbox.destinations.signing")} description={text("outbox.destinations.signingHelp")} data={named(draft.signing, "webhook")} value={draft.signing || null} placeholder={text("common.none")} clearable onChange={(signing) => set({ signing: signing ?? "" })} />}
        <Group grow align="flex-end">
          <NumberInput label={text("outbox.destinations.attempts")} min={1} max={1000} allowDecimal={false} value={draft.max_attempts} onChange={(next) => set({ max_attempts: Number(next) || 1 })} />
          <Input.Wrapper size="xs" label={text("outbox.destinations.age")} labelElement="div">
            <DurationInput label={text("outbox.destinations.age")} value={draft.max_age} onChange={(next) => set({ max_age: next ?? "1d" })} />
          </Input.Wrapper>
        </Group>
        <Switch label={text("outbox.destinations.waits")} description={text("outbox.destinations.waitsHelp")} checked={draft.waits_for_dead} onChange={(event) => set({ waits_for_dead: event.currentTarget.checked })} />
        <Switch label={text("outbox.destinations.delivers")} description={text("outbox.destinations.deliversHelp")} checked={draft.active} onChange={(event) => set({ active: event.currentTarget.checked })} />
        <Group justify="flex-end">
          <Button type="submit" size="sm" variant="filled" loading={busy} disabled={draft.name.trim() === "" || config === null}>
            {text(changes ? "common.action.save" : "common.action.create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
