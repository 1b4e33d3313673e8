import { useEffect } from "react";
import { useNodeTypes } from "@/api/queries";
import { useEditor } from "@/store/editor";

/** Hands the node types to the editor's store; false until they are there. */
export function useCatalogue(): boolean {
  const types = useNodeTypes();
  useEffect(() => {
    if (types.data) useEditor.getState().setCatalogue(types.data);
  }, [types.data]);
  return types.data !== undefined;
}
