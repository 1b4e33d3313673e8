/** The gallery: every sample drawn from its document; one press makes a flow of it. */
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useLocation } from "wouter";
import { useMay } from "@/api/account";
import { flows } from "@/api/calls";
import { keys, queryClient, useNodeTypes } from "@/api/queries";
import { useSamples, type Sample } from "@/api/samples";
import type { FlowDocument } from "@/document/types";
import { useText } from "@/i18n";
import { isUnread, Unread } from "@/ui/Unread";
import appStyle from "../app.module.css";
import { Waiting } from "../Pages";
import { stillHere } from "../stillHere";
import { told } from "../told";
import { FlowPicture } from "./FlowPicture";
import style from "./first.module.css";

export default function SamplesPage() {
  const text = useText();
  const asked = useSamples();
  const { data } = asked;
  return (
    <div className={appStyle.page}>
      <header className={appStyle.pageHead}>
        <div style={{ flex: 1 }}>
          <h1>{text("samples.page.title")}</h1>
          <p>{text("samples.page.about")}</p>
        </div>
      </header>
      {isUnread(asked) ? <Unread what={text("samples.page.title")} asked={asked} /> : asked.isPending && <Waiting />}
      <ul className={style.gallery}>
        {data?.map((sample) => (
          <Card key={sample.id} sample={sample} />
        ))}
      </ul>
    </div>
  );
}

function Card({ sample }: { sample: Sample }) {
  const text = useText();
  const [, go] = useLocation();
  const mayWrite = useMay("flows:write");
  const types = useNodeTypes();
  const drawn = sample.document as unknown as FlowDocument;
  const category = (name: string): string => types.data?.find((type) => type.name === name)?.category ?? "";
  const make = (): Promise<void> =>
    told(async () => {
      const isHere = stillHere();
      const made = await flows.create({ name: sample.name, document: drawn });
      await queryClient.invalidateQueries({ queryKey: keys.flows });
      if (isHere()) go(`/flows/${made.id}`);
    });
  return (
    <li className={style.sample} data-testid={`sample-${sample.id}`}>
      <div className={style.frame}>
        <FlowPicture document={drawn} category={category} />
      </div>
      <h2>{sample.name}</h2>
      <p>{sample.description.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</p>
      <footer>
        <span className={style.count}>{text("samples.page.steps", { count: drawn.nodes.length })}</span>
        {mayWrite && (
          <Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />} onClick={() => void make()} aria-label={text("samples.page.makeOf", { name: sample.name })}>
            {text("samples.page.make")}
          </Button>
        )}
      </footer>
    </li>
  );
}
