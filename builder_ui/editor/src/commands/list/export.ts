/** The whole flow as a picture to keep, as it is drawn now: in this theme, with the run that is shown. */
import { IconPhotoDown } from "@tabler/icons-react";
import type { Command, State } from "../command";

const isDrawn = ({ editor, view }: State): boolean => view.canvas !== null && editor.document.nodes.length + (editor.document.notes ?? []).length > 0;

async function keep({ view, editor }: State, kind: "svg" | "png"): Promise<void> {
  const picture = await view.canvas?.picture();
  if (picture === undefined) return;
  const { keepAs, rasterised } = await import("../keeping");
  const { svg, width, height, scale } = picture;
  keepAs(editor.flow?.name ?? "", kind, kind === "svg" ? new Blob([svg], { type: "image/svg+xml" }) : await rasterised(svg, width, height, scale));
}

export const exporting: readonly Command[] = [
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
