/** Files of flows between this page and the person's disk: what is handed over, and what is sent to the server. */
import { ApiError } from "@/api/client";
import { exchange, type Given } from "@/api/exchange";
import { t } from "@/i18n";

const MANIFEST = "manifest.yaml";

/** Hand flows to the person as the command line writes them: one as its file, several as a zip of files and a manifest. */
export async function exportFlows(ids: readonly string[]): Promise<void> {
  const { files, archive } = await exchange.out(ids, ids.length > 1);
  if (archive !== null) {
    handOver("flows.zip", new Blob([bytesOf(archive)], { type: "application/zip" }));
    return;
  }
  for (const [name, text] of Object.entries(files)) if (name !== MANIFEST) handOver(name, new Blob([text], { type: "application/yaml" }));
}

function handOver(name: string, bytes: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(bytes);
  link.download = name;
  link.click();
  // The browser reads it after this moment; a minute is long enough for any disk.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What the server is sent of the files chosen: their texts, or the one archive. Throws ApiError for what can't be read. */
export async function givenOf(files: readonly File[]): Promise<Given> {
  const archives = files.filter((file) => /\.zip$/i.test(file.name));
  const [archive] = archives;
  if (archive !== undefined && files.length > 1) throw new ApiError(422, "files_mixed", t("exchange.alone", { file: archive.name }));
  if (archive !== undefined) return { archive: base64Of(new Uint8Array(await readBy(archive, (file) => file.arrayBuffer()))) };
  const read = await Promise.all(files.map(async (file) => [file.name, await readBy(file, (each) => each.text())] as const));
  return { files: Object.fromEntries(read) };
}

async function readBy<T>(file: File, read: (file: File) => Promise<T>): Promise<T> {
  try {
    return await read(file);
  } catch {
    // A folder that was dropped looks like a file until it is read.
    throw new ApiError(422, "unreadable", t("exchange.unreadable", { file: file.name }));
  }
}

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
