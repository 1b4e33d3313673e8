/** The one way a document changes: `apply(document, operation)` gives a new one and never touches the old. */
import type { Operation } from "./operation";
import { addFragment } from "./operations/add_fragment";
import { connect } from "./operations/connect";
import { detach, removeAndReconnect } from "./operations/detach";
import { disconnect } from "./operations/disconnect";
import { move } from "./operations/move";
import { put } from "./operations/put";
import { remove } from "./operations/remove";
import { renameNode } from "./operations/rename_node";
import { setConfig } from "./operations/set_config";
import { setParent } from "./operations/set_parent";
import { setPin } from "./operations/set_pin";
import { splice } from "./operations/splice";
import { updateNode } from "./operations/update_node";
import { updateNote } from "./operations/update_note";
import { updateSettings } from "./operations/update_settings";
import type { FlowDocument } from "./types";

export function apply(document: FlowDocument, operation: Operation): FlowDocument {
  switch (operation.kind) {
    case "add_fragment":
      return addFragment(document, operation);
    case "remove":
      return remove(document, operation);
    case "remove_and_reconnect":
      return removeAndReconnect(document, operation, remove);
    case "detach":
      return detach(document, operation);
    case "put":
      return put(document, operation);
    case "move":
      return move(document, operation);
    case "set_parent":
      return setParent(document, operation);
    case "update_node":
      return updateNode(document, operation);
    case "set_config":
      return setConfig(document, operation);
    case "rename_node":
      return renameNode(document, operation);
    case "connect":
      return connect(document, operation);
    case "disconnect":
      return disconnect(document, operation);
    case "splice":
      return splice(document, operation);
    case "update_note":
      return updateNote(document, operation);
    case "update_flow":
      return { ...document, ...operation.patch };
    case "update_settings":
      return updateSettings(document, operation);
    case "set_pin":
      return setPin(document, operation);
    case "replace":
      return operation.document;
  }
}

export const applyAll = (document: FlowDocument, operations: readonly Operation[]): FlowDocument =>
  operations.reduce(apply, document);
