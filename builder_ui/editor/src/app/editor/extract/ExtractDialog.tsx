/** What a selection would become as a sub-flow: its name, what goes in, what comes out; or why it can't be one. */
import { Button, Stack, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconArrowRight } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { isRefused, type Extraction, type Refused } from "@/document/extract/outcome";
import { nodeOf, titleOf } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { tell, told } from "../../told";
import style from "./ExtractDialog.module.css";
import { planned, takeOut } from "./takeOut";

export function ExtractDialog({ onClose }: { onClose: () => void }) {
  const text = useText();
  const document = useEditor((state) => state.document);
  const selection = useEditor((state) => state.selection);
  const [name, setName] = useState(() => {
    const first = nodeOf(document, selection.nodes[0] ?? "");
    return first === undefined ? "" : titleOf(first);
  });
  const [busy, setBusy] = useState(false);
  // It is planned from what stands in the editor: both are what it rests on.
  const plan = useMemo(() => (document.nodes.length > 0 && selection.nodes.length > 0 ? planned(name.trim()) : null), [document, selection, name]);
  const isFit = plan !== null && !isRefused(plan);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    await told(async () => {
      const taken = await takeOut(name.trim());
      tell(text(`extract.${taken}`, { name: name.trim() }));
      onClose();
    });
    setBusy(false);
  };
  return (
    <ConfirmDialog opened size="lg" title={text("extract.title")} confirm={text("extract.confirm")} busy={busy} disabled={!isFit || name.trim() === ""} onClose={onClose} onConfirm={() => void confirm()}>
      <Stack gap="md">
        {isFit && <TextInput size="sm" data-autofocus label={text("extract.name")} value={name} maxLength={200} onChange={(event) => setName(event.currentTarget.value)} />}
        {plan !== null && (isRefused(plan) ? <Why refused={plan} /> : <Plan plan={plan} />)}
      </Stack>
    </ConfirmDialog>
  );
}

function Plan({ plan }: { plan: Extraction }) {
  const text = useText();
  const document = useEditor((state) => state.document);
  const titleIn = (id: string): string => {
    const node = nodeOf(document, id);
    return node === undefined ? id : titleOf(node);
  };
  return (
    <>
      <section className={style.part} data-testid="extract-inputs">
        <h3>{text("extract.inputs")}</h3>
        {plan.inputs.length === 0 ? (
          <p>{text("extract.noInputs")}</p>
        ) : (
          <dl className={style.hands}>
            {plan.inputs.map(({ name, from }) => (
              <div key={name}>
                <dt>{from}</dt>
                <IconArrowRight size={13} aria-hidden />
                <dd>{`input.${name}`}</dd>
              </div>
            ))}
          </dl>
        )}
      </section>
      <section className={style.part} data-testid="extract-outputs">
        <h3>{text("extract.outputs")}</h3>
        <p>{plan.outputs.length === 0 ? text("extract.noOutputs") : plan.outputs.map(titleIn).join(", ")}</p>
      </section>
      <p className={style.about}>{text("extract.about")}</p>
      {plan.tests.length > 0 && <p className={style.about}>{text("extract.tests", { tests: plan.tests.join(", ") })}</p>}
    </>
  );
}

function Why({ refused }: { refused: Refused }) {
  const text = useText();
  const document = useEditor((state) => state.document);
  const named = refused.nodes
    .map((id) => nodeOf(document, id))
    .flatMap((node) => (node === undefined ? [] : [titleOf(node)]))
    .join(", ");
  const takeIn = (): void => {
    const { selection, select } = useEditor.getState();
    select({ nodes: [...selection.nodes, ...refused.more], notes: [...selection.notes] });
  };
  return (
    <div className={style.why} role="alert" data-testid="extract-refused" data-reason={refused.reason}>
      <IconAlertTriangle size={17} aria-hidden />
      <div>
        <p className={style.reason}>{text(`extract.refused.${refused.reason}`, { nodes: named })}</p>
        <p>{text(`extract.mend.${refused.reason}`, { nodes: named })}</p>
        {refused.more.length > 0 && <Button onClick={takeIn}>{text("extract.more")}</Button>}
      </div>
    </div>
  );
}
