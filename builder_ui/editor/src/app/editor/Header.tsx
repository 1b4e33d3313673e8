/** The top of the editor: which flow, where its draft stands, and what can be done with it. */
import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import { IconChevronDown, IconDeviceFloppy, IconHistory, IconPin, IconPlayerPlay, IconRocket } from "@tabler/icons-react";
import { lazy, memo, Suspense } from "react";
import { Link } from "wouter";
import { useMay } from "@/api/account";
import { useFlow } from "@/api/queries";
import { commandById, perform, stateNow, useKeysOf } from "@/commands";
import { useText, withWords } from "@/i18n";
import { canRedo, canUndo } from "@/document/history";
import { InlineText } from "@/inspector/Head";
import { useDry } from "@/store/dry";
import { useEditor } from "@/store/editor";
import { useSaving } from "@/store/saving";
import { useView } from "@/store/view";
import { withChord } from "@/ui/platform";
import { renameFlow } from "../pages/flowActions";
import { told } from "../told";
import style from "./Header.module.css";
import { People } from "./People";
import { askForInput } from "./RunDialog";
import { RunMark } from "./RunMark";
import { SavedState } from "./SavedState";
import { useDiffers } from "./useDiffers";
import { startNow } from "./startNow";
import { changeAddress } from "./usePlace";

const Conflicts = lazy(() => import("./Conflicts").then((part) => ({ default: part.Conflicts })));
const RunLive = lazy(() => withWords(import("./RunLive")).then((part) => ({ default: part.RunLive })));
const Suspended = lazy(() => import("./Suspended").then((part) => ({ default: part.Suspended })));

interface Props {
  flow: string;
  name: string;
  versionsOpen: boolean;
  onVersions: () => void;
}

export const Header = memo(function Header({ flow, name, versionsOpen, onVersions }: Props) {
  const text = useText();
  const { data } = useFlow(flow);
  const readOnly = useEditor((state) => state.readOnly);
  const mayRun = useMay("runs:start");
  const mayPublish = useMay("flows:publish");
  const differs = useDiffers(flow, data?.live_version ?? null);
  const live = data?.live_version ?? null;
  const hasConflicts = useSaving((state) => state.conflicts.length > 0);
  return (
    <header className={style.header} data-region="header">
      <div className={style.crumbs}>
        <Link href="/" className={style.crumb}>
          {text("app.nav.flows")}
        </Link>
        <span aria-hidden className={style.crumb}>
          /
        </span>
        <h1 className={style.name}>
          <InlineText
            value={name}
            label={text("pages.flows.rename")}
            readOnly={readOnly}
            onKeep={(next) => {
              if (next.trim() === "") return text("app.editor.needsName");
              void told(() => renameFlow(flow, next.trim()));
              return null;
            }}
          />
        </h1>
      </div>
      {!readOnly && <UndoRedo />}
      <People />
      <SavedState live={live} archived={Boolean(data?.archived_at)} />
      {hasConflicts && (
        <Suspense>
          <Conflicts />
        </Suspense>
      )}
      {data?.suspended && (
        <Suspense>
          <Suspended flow={flow} suspended={data.suspended} />
        </Suspense>
      )}
      <RunMark />
      <Tooltip label={text("app.editor.versions")}>
        <ActionIcon className={style.wide} onClick={onVersions} aria-label={text("app.editor.versions")} aria-pressed={versionsOpen} variant={versionsOpen ? "light" : "subtle"} color={versionsOpen ? "accent" : "gray"}>
          <IconHistory size={17} />
        </ActionIcon>
      </Tooltip>
      {!readOnly && mayPublish && (
        <Tooltip label={text(differs ? "app.editor.publishTip" : "app.editor.nothingToPublish")}>
          <Button
            className={style.wide}
            variant={differs ? "light" : "default"}
            leftSection={<IconRocket size={15} />}
            disabled={!differs}
            onClick={() => useView.getState().openDialog("publish")}
          >
            {text("app.editor.publish")}
          </Button>
        </Tooltip>
      )}
      {mayRun && <RunButton flow={flow} readOnly={readOnly} />}
    </header>
  );
});

function openDryRun(): void {
  useDry.getState().open();
  changeAddress(window.location.pathname, { tab: "tests", drawer: null });
}

function RunButton({ flow, readOnly }: { flow: string; readOnly: boolean }) {
  const text = useText();
  const pins = useEditor((state) => Object.keys(state.document.pins ?? {}).length);
  return (
    <Button.Group>
      <Button variant="filled" leftSection={<IconPlayerPlay size={15} />} onClick={() => useView.getState().openDialog("run")} data-testid="run">
        {text("app.editor.run")}
      </Button>
      <Menu position="bottom-end" width={300}>
        <Menu.Target>
          <Button variant="filled" px={6} className={style.split} aria-label={text("app.editor.runMore")}>
            <IconChevronDown size={14} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconDeviceFloppy size={15} />} onClick={askForInput}>
            {text("app.editor.runWith")}
          </Menu.Item>
          {!readOnly && (
            <Menu.Item leftSection={<IconPin size={15} />} disabled={pins === 0} onClick={() => void startNow(flow, { use_pins: true })}>
              {text("app.editor.test")}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconPlayerPlay size={15} />} onClick={openDryRun}>
            {text("app.editor.dryRun")}
          </Menu.Item>
          <Suspense>
            <RunLive flow={flow} />
          </Suspense>
        </Menu.Dropdown>
      </Menu>
    </Button.Group>
  );
}

function UndoRedo() {
  const text = useText();
  const keysOf = useKeysOf();
  const history = useEditor((state) => state.history);
  const buttons = [
    { command: commandById("undo"), on: canUndo(history) },
    { command: commandById("redo"), on: canRedo(history) },
  ];
  return (
    <div className={style.pair}>
      {buttons.map(({ command, on }) => {
        const label = (on && command.said?.(stateNow())) || text(command.label);
        return (
          <Tooltip key={command.id} label={withChord(label, keysOf(command)[0])}>
            <ActionIcon aria-label={label} disabled={!on} onClick={() => void perform(command)}>
              <command.icon size={17} />
            </ActionIcon>
          </Tooltip>
        );
      })}
    </div>
  );
}
