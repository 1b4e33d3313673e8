/** The whole flow to keep: as a picture, as it is drawn now, in this theme and with the run that is shown; or as a file. */
import { IconFileExport, IconPhotoDown } from "@tabler/icons-react";
import { withWords } from "@/i18n";
import { flushSaving } from "@/store/opening";
import type { Command, State } from "../command";
import { reported } from "../running";

const isDrawn = ({ editor, view }: State): boolean => view.canvas !== null && editor.document.nodes.length + (editor.document.notes ?? []).length > 0;

async function keep({ view, editor }: State, kind: "svg" | "png"): Promise<void> {
  const picture = await view.canvas?.picture();
  if (picture === undefined) return;
  const { keepAs, rasterised } = await import("../keeping");
  const { svg, width, height, scale } = picture;
  keepAs(editor.flow?.name ?? "", kind, kind === "svg" ? new Blob([svg], { type: "image/svg+xml" }) : await rasterised(svg, width, height, scale));
}

/** The server writes the file, of the draft as it is saved. */
async function keepAsFile(state: State): Promise<void> {
  const { flow } = state.editor;
  if (flow === null) return;
  await reported(state, async () => {
    const [{ exportFlows }] = await Promise.all([withWords(import("../filing")), flushSaving()]);
    await exportFlows([flow.id]);
  });
}

export const exporting: readonly Command[] = [
  {
    id: "export-file",
    label: "commands.name.exportFile",
    group: "view",
    icon: IconFileExport,
    keys: [],
    when: ({ editor }) => editor.flow !== null,
    perform: keepAsFile,
  },
  {
    id: "export-svg",
    label: "commands.name.exportSvg",
    group: "view",
    icon: IconPhotoDown,
    keys: [],
    when: isDrawn,
    perform: (state) => keep(state, "svg"),
  },
  {
    id: "export-png",
    label: "commands.name.exportPng",
    group: "view",
    icon: IconPhotoDown,
    keys: [],
    when: isDrawn,
    perform: (state) => keep(state, "png"),
  },
];
