import { Modal, Select, Stack } from "@mantine/core";
import { useState, type KeyboardEvent } from "react";
import { labelled, stateNow } from "@/commands";
import { targetsOf, wiringFrom } from "@/commands/inserting";
import { outgoingPorts } from "@/document/catalogue";
import { COMPENSATE } from "@/document/graph";
import { nodeOf, titleOf, type DocumentNode } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { useShownLate } from "@/ui/useShownLate";

const close = (): void => useView.getState().setConnectFrom(null);

/** Connecting without a mouse: the port and the target are chosen from lists of those that fit. */
export function ConnectTo() {
  const text = useText();
  const from = useView((state) => state.connectFrom);
  const node = useEditor((state) => (from === null ? undefined : nodeOf(state.document, from.node)));
  const opened = useShownLate(node !== undefined);
  const [last, setLast] = useState(node); // a dialog that fades out keeps its name
  if (node !== undefined && node !== last) setLast(node);
  return (
    <Modal opened={opened} onClose={close} title={last === undefined ? "" : text("canvas.connectTo.title", { from: titleOf(last) })} size="sm" closeButtonProps={{ "aria-label": text("common.action.close") }}>
      {node !== undefined && <Choice key={node.id} node={node} wanted={from?.port} />}
    </Modal>
  );
}

function Choice({ node, wanted }: { node: DocumentNode; wanted: string | undefined }) {
  const text = useText();
  const type = useEditor((state) => state.catalogue.get(node.type));
  const [port, setPort] = useState(() => wanted ?? wiringFrom(stateNow())?.port ?? "out");
  const ports = [...outgoingPorts(node, type), ...(type?.role === "trigger" ? [] : [COMPENSATE])];
  const [sought, setSought] = useState(""); // kept here: left to itself, the list forgets it whenever it is drawn anew
  const targets = targetsOf(stateNow(), { node: node.id, port });
  const choose = (target: string | null): void => {
    if (useView.getState().connectFrom === null) return; // the list heard the same key
    close();
    const found = target === null ? undefined : nodeOf(useEditor.getState().document, target);
    if (found === undefined) return;
    const said = { from: titleOf(node), to: titleOf(found) };
    useEditor.getState().dispatch({ kind: "connect", edge: { from: node.id, to: found.id, port } }, labelled("commands.edit.connect", said));
    useView.getState().say({ key: "commands.edit.connect", params: said });
  };
  /** Enter takes the first that fits where none is lit yet: who types fast is ahead of the list. */
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    // The list stands open for as long as the dialog does, and keeps Escape from it.
    if (event.key === "Escape" && !event.nativeEvent.isComposing) close();
    if (event.key !== "Enter" || event.nativeEvent.isComposing || sought === "" || event.currentTarget.hasAttribute("aria-activedescendant")) return;
    const first = targets.find((target) => titleOf(target).toLowerCase().includes(sought.trim().toLowerCase()));
    if (first !== undefined) choose(first.id);
  };
  return (
    <Stack gap="md">
      {ports.length > 1 && (
        <Select
          label={text("outline.fromPort")}
          data={ports.map((name) => ({ value: name, label: name === COMPENSATE ? text("outline.undoneBy") : name }))}
          value={port}
          allowDeselect={false}
          onChange={(next) => setPort(next ?? port)}
        />
      )}
      <Select
        data-autofocus
        searchable
        searchValue={sought}
        onSearchChange={setSought}
        selectFirstOptionOnChange
        onKeyDown={onKeyDown}
        dropdownOpened
        label={text("canvas.connectTo.port", { port: port === COMPENSATE ? text("outline.undoneBy") : port })}
        placeholder={text("canvas.connectTo.placeholder")}
        nothingFoundMessage={text("canvas.connectTo.none")}
        data={targets.map((target) => ({ value: target.id, label: titleOf(target) }))}
        onChange={choose}
      />
    </Stack>
  );
}
