import { Modal, Select } from "@mantine/core";
import { labelled, stateNow } from "@/commands";
import { targetsOf, wiringFrom } from "@/commands/inserting";
import { nodeOf, titleOf } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";

/** Connecting without a mouse: the target is chosen from a list of those that fit. */
export function ConnectTo() {
  const text = useText();
  const id = useView((state) => state.connectFrom);
  const close = () => useView.getState().setConnectFrom(null);
  const node = useEditor((state) => (id === null ? undefined : nodeOf(state.document, id)));
  if (id === null || node === undefined) return null;
  const state = stateNow();
  const from = wiringFrom(state) ?? { node: id, port: "out" };
  const targets = targetsOf(state, from);
  const choose = (target: string | null) => {
    close();
    const found = target === null ? undefined : nodeOf(useEditor.getState().document, target);
    if (found === undefined) return;
    const edge = { from: from.node, to: found.id, port: from.port };
    useEditor.getState().dispatch({ kind: "connect", edge }, labelled("commands.edit.connect", { from: titleOf(node), to: titleOf(found) }));
  };
  return (
    <Modal opened onClose={close} title={text("canvas.connectTo.title", { from: titleOf(node) })} size="sm">
      <Select
        data-autofocus
        searchable
        dropdownOpened
        label={text("canvas.connectTo.port", { port: from.port })}
        placeholder={text("canvas.connectTo.placeholder")}
        nothingFoundMessage={text("canvas.connectTo.none")}
        data={targets.map((target) => ({ value: target.id, label: titleOf(target) }))}
        onChange={choose}
      />
    </Modal>
  );
}
