/** What stands on the canvas of a new flow: three ways in. It goes as soon as something is drawn. */
import { ActionIcon, Button, Textarea } from "@mantine/core";
import { IconArrowRight, IconBolt, IconLayoutGrid, IconTextScan2, IconX } from "@tabler/icons-react";
import { useMemo, useState, type ReactNode } from "react";
import { Link } from "wouter";
import { useSamples } from "@/api/samples";
import type { NodeType } from "@/api/types";
import type { FlowDocument } from "@/document/types";
import { useText } from "@/i18n";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";
import { CategoryIcon } from "@/ui/CategoryIcon";
import { beginWithSample, beginWithSketch, beginWithTrigger, readWords } from "./beginning";
import { FlowPicture } from "./FlowPicture";
import style from "./first.module.css";
import { isTourKnown } from "./tourSteps";

/** Samples that stand in the guide itself; the rest is in the gallery. */
const SHOWN = 3;

export function StartGuide({ onClose }: { onClose: () => void }) {
  const text = useText();
  const isEmpty = useEditor((state) => state.document.nodes.length === 0);
  return (
    <section className={style.guide} data-middle={isEmpty || undefined} aria-label={text("samples.guide.title")} data-testid="start-guide">
      <header className={style.guideHead}>
        <h2>{text("samples.guide.title")}</h2>
        <span className={style.guideTip}>{text("samples.guide.tip")}</span>
        {!isTourKnown() && (
          <Button size="compact-sm" variant="subtle" onClick={() => useView.getState().setTour(true)}>
            {text("samples.guide.tour")}
          </Button>
        )}
        <ActionIcon size={26} aria-label={text("samples.guide.close")} title={text("samples.guide.close")} onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      <div className={style.ways}>
        <Way icon={<IconLayoutGrid size={16} />} title={text("samples.guide.sample")}>
          <SampleWay />
        </Way>
        <Way icon={<IconBolt size={16} />} title={text("samples.guide.trigger")}>
          <TriggerWay />
        </Way>
        <Way icon={<IconTextScan2 size={16} />} title={text("samples.guide.words")}>
          <WordsWay />
        </Way>
      </div>
    </section>
  );
}

function Way({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <section className={style.way} aria-label={title}>
      <h3>
        {icon}
        {title}
      </h3>
      {children}
    </section>
  );
}

const useCategory = (): ((type: string) => string) => {
  const catalogue = useEditor((state) => state.catalogue);
  return (type) => catalogue.get(type)?.category ?? "";
};

function SampleWay() {
  const text = useText();
  const { data } = useSamples();
  const category = useCategory();
  return (
    <>
      <div className={`${style.few} ${style.sampled}`}>
        {(data ?? []).slice(0, SHOWN).map((sample) => (
          <button key={sample.id} type="button" className={style.choice} onClick={() => beginWithSample(sample.document as unknown as FlowDocument)}>
            <span className={style.small}>
              <FlowPicture document={sample.document as unknown as FlowDocument} category={category} />
            </span>
            {sample.name}
          </button>
        ))}
      </div>
      <Link href="/samples" className={style.more}>
        {text("samples.guide.all")} <IconArrowRight size={14} aria-hidden />
      </Link>
    </>
  );
}

function TriggerWay() {
  const catalogue = useEditor((state) => state.catalogue);
  const triggers = useMemo(() => [...catalogue.values()].filter((type) => type.role === "trigger"), [catalogue]);
  const choose = (type: NodeType): void => beginWithTrigger(type);
  return (
    <div className={style.few}>
      {triggers.map((type) => (
        <button key={type.name} type="button" className={style.choice} data-testid={`begin-${type.name}`} onClick={() => choose(type)}>
          <CategoryIcon category={type.category} icon={type.icon} size={30} />
          <span>
            {type.label}
            <small>{type.description}</small>
          </span>
        </button>
      ))}
    </div>
  );
}

function WordsWay() {
  const text = useText();
  const catalogue = useEditor((state) => state.catalogue);
  const [words, setWords] = useState("");
  const read = useMemo(() => (words.trim() === "" ? null : readWords(words)), [words]);
  const draw = (): void => {
    if (read === null) return;
    beginWithSketch(read);
    if (read.left.length > 0) useView.getState().tell({ key: "first.curl.left", params: { what: read.left.join(", ") } });
  };
  const isLost = words.trim() !== "" && read === null;
  return (
    <>
      <Textarea
        aria-label={text("samples.guide.words")}
        placeholder={text("samples.words.placeholder")}
        minRows={3}
        maxRows={5}
        autosize
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          event.stopPropagation();
          draw();
        }}
      />
      <div className={style.read} aria-live="polite">
        {read !== null && (
          <ol className={style.steps}>
            {read.fragment.nodes.map((node) => (
              <li key={node.id}>{catalogue.get(node.type)?.label ?? node.type}</li>
            ))}
          </ol>
        )}
        {read !== null && read.unread.length > 0 && <p className={style.unread}>{text("samples.words.unread", { what: read.unread.join(" · ") })}</p>}
        {isLost && <p className={style.unread}>{text("samples.words.nothing")}</p>}
        {words.trim() === "" && <p className={style.honest}>{text("samples.words.honest")}</p>}
      </div>
      <Button size="compact-sm" variant="filled" disabled={read === null} onClick={draw} style={{ alignSelf: "flex-start" }}>
        {text("samples.words.draw")}
      </Button>
    </>
  );
}
