import { Button, Group, Select, Stack, TagsInput, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useCredentialKinds } from "@/api/account";
import { credentials } from "@/api/calls";
import { ApiError } from "@/api/client";
import { keys } from "@/api/queries";
import type { Credential, JsonSchema } from "@/api/types";
import { placed } from "@/document/operations/set_config";
import type { Json, JsonObject } from "@/document/types";
import { useText } from "@/i18n";
import { ErrorCard } from "@/ui/ErrorCard";
import { isUnread, Unread, whyOf } from "@/ui/Unread";
import { ConfigForm } from "./form/ConfigForm";
import { RateField } from "./RateField";

interface Props {
  /** The kind a node asks for; without it the kind is chosen here. */
  kind?: string;
  /** The credential whose values are replaced. What was stored is never shown. */
  replaces?: Credential;
  onDone: (credential: Credential) => void;
}

const NONE: ReadonlySet<string> = new Set();
const ANY: JsonSchema = { type: "object", properties: { fields: { type: "object", additionalProperties: { type: "string", format: "password" } } }, required: ["fields"] };

/** Fields that belong to a choice made in the same form: `x-when: {"scheme": ["basic"]}`. */
function fitting(schema: JsonSchema, values: JsonObject): JsonSchema {
  const properties = Object.entries(schema.properties ?? {}).filter(([, property]) => {
    const when = property["x-when"] as Record<string, Json[]> | undefined;
    return Object.entries(when ?? {}).every(([field, allowed]) => allowed.includes(values[field] ?? schema.properties?.[field]?.default ?? null));
  });
  const bound = properties.filter(([, property]) => property["x-when"] !== undefined).map(([name]) => name);
  // A credential's form is short: nothing of it hides under `Add option`.
  const shown = properties.map(([name, property]): [string, JsonSchema] => [name, { ...property, "x-primary": true }]);
  return { ...schema, properties: Object.fromEntries(shown), required: [...(schema.required ?? []), ...bound] };
}

/** Make a credential, or replace the values of one. Values go in and never come out. */
export function CredentialForm({ kind: fixed, replaces, onDone }: Props) {
  const text = useText();
  const client = useQueryClient();
  const kinds = useCredentialKinds();
  const [name, setName] = useState(replaces?.name ?? "");
  const [kind, setKind] = useState(replaces?.kind ?? fixed ?? "http");
  const [hosts, setHosts] = useState<string[]>(replaces?.hosts ?? []);
  const [values, setValues] = useState<JsonObject>({});
  const [limit, setLimit] = useState<number | null>(replaces?.rate?.limit ?? null);
  const [per, setPer] = useState(replaces?.rate?.per ?? "1m");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const known = kinds.data?.results.find((each) => each.name === kind);
  const schema = fitting(known?.schema ?? ANY, values);

  const save = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    const kept = Object.fromEntries(Object.entries(values).filter(([field]) => Object.hasOwn(schema.properties ?? {}, field)));
    const sent = known === undefined ? ((values.fields ?? {}) as JsonObject) : kept;
    const rate = limit === null ? null : { limit, per };
    try {
      const done = replaces ? await credentials.change(replaces.id, { name, hosts, values: sent, rate }) : await credentials.create({ name, kind, hosts, values: sent, rate });
      await client.invalidateQueries({ queryKey: keys.credentials });
      onDone(done);
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
        <TextInput label={text("inspector.credential.name")} required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        {fixed === undefined && replaces === undefined && (
          <Select
            label={text("inspector.credential.kind")}
            data={[...(kinds.data?.results ?? []).map((each) => ({ value: each.name, label: each.label ?? each.name })), ...(known === undefined ? [{ value: kind, label: kind }] : [])]}
            value={kind}
            allowDeselect={false}
            onChange={(next) => {
              setKind(next ?? kind);
              setValues({});
            }}
          />
        )}
        {isUnread(kinds) && <Unread what={text("inspector.credential.kinds")} asked={kinds} />}
        <ConfigForm
          key={kind}
          id={`credential-${kind}`}
          root={schema}
          value={values}
          readOnly={false}
          verbatim={NONE}
          labels={known?.labels ?? {}}
          scope={null}
          problemsAt={() => []}
          set={(path, value) => setValues((before) => (placed(before, path, value) ?? {}) as JsonObject)}
        />
        <TagsInput
          label={text("inspector.credential.hosts")}
          description={text("inspector.credential.hostsHelp")}
          placeholder="pay.example"
          value={hosts}
          acceptValueOnBlur
          onChange={setHosts}
        />
        <RateField limit={limit} per={per} onLimit={setLimit} onPer={setPer} />
        {replaces !== undefined && <p className="note">{text("inspector.credential.replaceHelp")}</p>}
        <Group justify="flex-end">
          <Button type="submit" size="sm" variant="filled" loading={busy} disabled={name.trim() === ""}>
            {text(replaces ? "common.action.replace" : "common.action.create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
