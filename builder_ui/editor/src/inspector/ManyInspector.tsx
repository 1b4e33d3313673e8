import { ActionIcon } from "@mantine/core";
import { IconSelectAll } from "@tabler/icons-react";
import { commandById, perform, stateNow, useKeysOf } from "@/commands";
import { countOf } from "@/document/selection";
import { nodeOf, titleOf } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { CategoryIcon } from "@/ui/CategoryIcon";
import { withChord } from "@/ui/platform";
import { Head } from "./Head";
import style from "./Inspector.module.css";

/** Several things selected: which, each one click away. */
export function ManyInspector() {
  const text = useText();
  const selection = useEditor((state) => state.selection);
  const document = useEditor((state) => state.document);
  const { catalogue, select } = useEditor.getState();
  return (
    <>
      <Head icon={<IconSelectAll size={20} />} title={text("inspector.many.title", { count: countOf(selection, document) })}>
        {text("inspector.many.help")}
      </Head>
      <div className={style.body}>
        <AlignTools />
        <ul className={style.list}>
          {selection.nodes.map((id) => {
            const node = nodeOf(document, id);
            return node === undefined ? null : (
              <li key={id}>
                <button onClick={() => select({ nodes: [id] })}>
                  <CategoryIcon size={26} category={catalogue.get(node.type)?.category ?? ""} icon={catalogue.get(node.type)?.icon ?? "box"} />
                  {titleOf(node)}
                </button>
              </li>
            );
          })}
        </ul>
      </div>
    </>
  );
}

const ALIGNING = ["align-left", "align-centre", "align-right", "align-top", "align-middle", "align-bottom", "distribute-x", "distribute-y", "group"].map(commandById);

/** The selection brought into line. */
function AlignTools() {
  const text = useText();
  const keysOf = useKeysOf();
  return (
    <div className={style.aligning} role="toolbar" aria-label={text("commands.group.arrange")}>
      {ALIGNING.map((command) => (
        <ActionIcon key={command.id} disabled={!command.when(stateNow())} aria-label={text(command.label)} title={withChord(text(command.label), keysOf(command)[0])} onClick={() => void perform(command)}>
          <command.icon size={17} stroke={1.7} />
        </ActionIcon>
      ))}
    </div>
  );
}
