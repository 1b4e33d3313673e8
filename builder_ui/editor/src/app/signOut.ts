import { chooseWorkspace } from "@/api/client";
import { flushSaving } from "@/store/opening";

/** End the session: what isn't saved is saved first, then the server's own page takes over. */
export async function signOut(): Promise<void> {
  await flushSaving();
  chooseWorkspace(null);
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/sign-out/";
  const token = document.createElement("input");
  token.type = "hidden";
  token.name = "csrfmiddlewaretoken";
  token.value = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
  form.append(token);
  document.body.append(form);
  form.submit();
}
