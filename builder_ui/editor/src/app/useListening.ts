import { useEffect } from "react";
import { listen } from "@/commands";
import { useView } from "@/store/view";
import { tellFailure } from "./told";

/** Lets keys and clipboard reach the commands while the page stands, and shows what the server refused them. */
export function useListening(): void {
  useEffect(() => listen(), []);
  const failure = useView((state) => state.failure);
  useEffect(() => {
    if (failure === null) return;
    tellFailure(failure);
    useView.getState().fail(null);
  }, [failure]);
}
