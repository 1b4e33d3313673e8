import { startTransition, useEffect, useState } from "react";
import type { Selection } from "@/document/selection";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";

/**
 * What is selected, and while cards are carried about what was before: the fields of another node would be drawn in the
 * frame in which it is taken, and cost three. Once it is let go they come between frames.
 */
export function useSelected(): Selection {
  const selection = useEditor((state) => state.selection);
  const isHolding = useView((state) => state.holding);
  const [shown, show] = useState(selection);
  const [isBehind, setBehind] = useState(false);
  if (isHolding && !isBehind) setBehind(true);
  if (!isHolding && !isBehind && shown !== selection) show(selection);
  useEffect(() => {
    if (!isHolding && isBehind) startTransition(() => setBehind(false));
  }, [isHolding, isBehind]);
  return isHolding || isBehind ? shown : selection;
}
