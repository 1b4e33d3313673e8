import { useEffect } from "react";
import { useNodeTypes } from "@/api/queries";
import { useEditor } from "@/store/editor";

/** Hands the node types to the editor's store; nothing can be drawn until they are there. */
export function useCatalogue() {
  const types = useNodeTypes();
  useEffect(() => {
    if (types.data) useEditor.getState().setCatalogue(types.data);
  }, [types.data]);
  return types;
}
