import { useEffect } from "react";
import { listen } from "@/commands";
import { useText, type TextKey } from "@/i18n";
import { useView } from "@/store/view";
import { tell, tellFailure } from "./told";

/** Lets keys and clipboard reach the commands while the page stands, and shows what the server refused them. */
export function useListening(): void {
  useEffect(() => listen(), []);
  const text = useText();
  const notice = useView((state) => state.notice);
  useEffect(() => {
    if (notice === null) return;
    tell(text(notice.key as TextKey, notice.params));
    useView.getState().tell(null);
  }, [notice, text]);
  const failure = useView((state) => state.failure);
  useEffect(() => {
    if (failure === null) return;
    tellFailure(failure);
    useView.getState().fail(null);
  }, [failure]);
}
