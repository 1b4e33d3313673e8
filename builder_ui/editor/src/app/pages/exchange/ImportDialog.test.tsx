import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { onFreshPages, serve, sessionWith, show } from "@/ui/testing";
import { ImportDialog } from "./ImportDialog";

const session = sessionWith("flows:write", "flows:publish");
const planned = { file: "orders.yaml", name: "Orders", what: "changed", flow: "f1", before: "Sales", text: "~ config.value of node two was changed", unknown_types: ["acme.send"], unbound: ["bank"], problems: [], publishes: false, version: null };
const plan = { flows: [planned], refused: [], left_out: ["notes.yaml"], changes: 1 };
const orders = new File(["nodes: []\n"], "orders.yaml");

const shown = (files: readonly File[], onTaken: (flow: string | null) => void = () => undefined) => show(<ImportDialog files={files} onClose={() => undefined} onTaken={onTaken} />, queryClient);

onFreshPages(queryClient);

describe("taking flows in", () => {
  test("shows what would change, asks again where it is to be published, and takes in what was shown", async () => {
    const asked = serve({ "GET /api/session/": session, "POST /api/flows/import/": plan });
    const taken = vi.fn();
    shown([orders], taken);
    expect(await screen.findByText("~ config.value of node two was changed")).toBeTruthy();
    expect(screen.getByText("Its name is Sales now")).toBeTruthy();
    expect(screen.getByText("Node types that aren't installed: acme.send")).toBeTruthy();
    expect(screen.getByText("Credentials that this workspace doesn't have: bank")).toBeTruthy();
    expect(screen.getByText("Not listed in the manifest, so left out: notes.yaml")).toBeTruthy();
    await userEvent.click(await screen.findByRole("switch", { name: /Publish/ }));
    await userEvent.click(await screen.findByRole("button", { name: "Import 1 flow" }));
    await vi.waitFor(() => expect(taken).toHaveBeenCalledWith("f1"));
    const sent = asked.filter((one) => one.method === "POST").map((one) => one.body);
    const files = { "orders.yaml": "nodes: []\n" };
    expect(sent).toEqual([{ files, publish: false }, { files, publish: true }, { files, publish: true }]);
  });

  test("takes nothing in where a file is refused, and says which and why", async () => {
    serve({ "GET /api/session/": session, "POST /api/flows/import/": { ...plan, refused: [{ file: "bomb.yaml", reason: "it has aliases" }] } });
    shown([orders]);
    expect(await screen.findByText("bomb.yaml")).toBeTruthy();
    expect(screen.getByText("it has aliases")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Import 1 flow" })).toHaveProperty("disabled", true);
  });

  test("sends an archive as it is, and alone", async () => {
    const asked = serve({ "GET /api/session/": session, "POST /api/flows/import/": plan });
    const archive = new File([new Uint8Array([80, 75, 0, 255])], "flows.zip");
    shown([archive]);
    await screen.findByText("Orders");
    expect(asked.find((one) => one.method === "POST")?.body).toEqual({ archive: "UEsA/w==", publish: false });
    cleanup();
    shown([archive, orders]);
    expect(await screen.findByText(/flows.zip is an archive: import it alone/)).toBeTruthy();
  });
});
