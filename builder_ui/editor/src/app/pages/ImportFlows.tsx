/** The two ways in for files of flows: chosen, or dropped anywhere on the page. What becomes of them is asked in a dialog. */
import { Button, FileButton } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { lazy, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useText, withWords } from "@/i18n";
import { Opening } from "@/ui/Opening";
import style from "../app.module.css";
import { stillHere } from "../stillHere";

const ImportDialog = lazy(() => withWords(import("./exchange/ImportDialog")).then((part) => ({ default: part.ImportDialog })));

interface Brought {
  files: readonly File[];
  isHere: () => boolean;
}

export function ImportFlows() {
  const text = useText();
  const [, go] = useLocation();
  const [brought, bring] = useState<Brought | null>(null);
  const take = (files: readonly File[]): void => bring(files.length === 0 ? null : { files, isHere: stillHere() });
  const isOver = useDropped(take);
  const forget = useRef<() => void>(null);
  const close = (): void => {
    bring(null);
    // A browser tells of no file that is still chosen: the same one, mended on the disk, may be meant next.
    forget.current?.();
  };
  return (
    <>
      <FileButton multiple resetRef={forget} onChange={take} accept=".yaml,.yml,.json,.zip">
        {(props) => (
          <Button {...props} size="sm" leftSection={<IconFileImport size={16} />}>
            {text("common.action.import")}
          </Button>
        )}
      </FileButton>
      {isOver && (
        <div className={style.drop} aria-hidden>
          {text("pages.flows.drop")}
        </div>
      )}
      {brought !== null && (
        <Opening>
          <ImportDialog
            files={brought.files}
            onClose={close}
            onTaken={(flow) => {
              close();
              if (flow !== null && brought.isHere()) go(`/flows/${flow}`);
            }}
          />
        </Opening>
      )}
    </>
  );
}

const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true;

/** Files dropped anywhere on the page; whether some are held over it now. */
function useDropped(onFiles: (files: readonly File[]) => void): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const left = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const dropped = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      setOver(false);
      onFiles([...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", left);
    window.addEventListener("drop", dropped);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", left);
      window.removeEventListener("drop", dropped);
    };
  }, [onFiles]);
  return isOver;
}
