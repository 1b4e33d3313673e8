import { Button, Group, Modal, Select } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { lazy, useState } from "react";
import { useCredentials } from "@/api/queries";
import type { Problem } from "@/api/types";
import type { DocumentNode } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { Opening } from "@/ui/Opening";
import { isUnread, Unread } from "@/ui/Unread";
import { setNode } from "./edits";
import form from "./form/form.module.css";

const CredentialForm = lazy(() => import("./CredentialForm").then((part) => ({ default: part.CredentialForm })));

/** Which credential a node uses, by name; a new one is made on the spot. */
export function CredentialPicker({ node, kind, problems }: { node: DocumentNode; kind: string; problems: readonly Problem[] }) {
  const text = useText();
  const readOnly = useEditor((state) => state.readOnly);
  const all = useCredentials();
  const [creating, setCreating] = useState(false);
  const fitting = (all.data?.results ?? []).filter((each) => each.kind === kind);
  const names = fitting.map((each) => each.name);
  const data = [...fitting.map((each) => ({ value: each.name, label: each.name })), ...(node.credential && !names.includes(node.credential) ? [{ value: node.credential, label: all.data === undefined ? node.credential : text("inspector.credential.missing", { name: node.credential }) }] : [])];
  const chosen = fitting.find((each) => each.name === node.credential);
  return (
    <div className={form.field} data-field="/credential">
      <Group gap={6} wrap="nowrap" align="flex-end">
        <Select
          style={{ flex: 1 }}
          label={text("inspector.credential.label")}
          placeholder={text("inspector.credential.none")}
          leftSection={<IconKey size={14} />}
          data={data}
          value={node.credential ?? null}
          clearable
          searchable={data.length > 6}
          readOnly={readOnly}
          error={problems.length > 0}
          onChange={(next) => setNode(node, ["credential"], next ?? undefined)}
        />
        {!readOnly && (
          <Button leftSection={<IconPlus size={14} />} onClick={() => setCreating(true)}>
            {text("inspector.credential.create")}
          </Button>
        )}
      </Group>
      {isUnread(all) && <Unread what={text("inspector.credential.all")} asked={all} />}
      {chosen !== undefined && (
        <p className={form.description}>
          {(chosen.hosts ?? []).length > 0 ? text("inspector.credential.only", { hosts: (chosen.hosts ?? []).join(", ") }) : text("inspector.credential.nowhere")}
        </p>
      )}
      {problems.map((problem) => (
        <p key={problem.message} className={form.problem} role="alert">
          {problem.message}
        </p>
      ))}
      <Modal opened={creating} onClose={() => setCreating(false)} title={text("inspector.credential.new")} closeButtonProps={{ "aria-label": text("common.action.close") }}>
        <Opening>
          <CredentialForm
            kind={kind}
            onDone={(made) => {
              setCreating(false);
              setNode(node, ["credential"], made.name);
            }}
          />
        </Opening>
      </Modal>
    </div>
  );
}
