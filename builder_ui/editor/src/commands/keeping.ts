/** Handing a person something as a file. */

const nameOf = (title: string, kind: string): string => `${title.replaceAll(/[^\p{L}\p{N}_-]+/gu, "-").replaceAll(/^-+|-+$/g, "") || "flow"}.${kind}`;

/** Let the browser keep these bytes under a name made of a title. */
export function keepAs(title: string, kind: string, bytes: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(bytes);
  link.download = nameOf(title, kind);
  link.click();
  // The browser reads it after this moment; a minute is long enough for any disk.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** An SVG as pixels. It is drawn as a picture: nothing in it runs, and nothing is fetched for it. */
export async function rasterised(svg: string, width: number, height: number, scale: number): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.floor(width * scale));
    canvas.height = Math.max(1, Math.floor(height * scale));
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((done, failed) => canvas.toBlob((blob) => (blob === null ? failed(new Error("the canvas gave no picture")) : done(blob)), "image/png"));
  } finally {
    URL.revokeObjectURL(address);
  }
}
