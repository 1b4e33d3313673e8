/** How a field takes an expression that is dragged onto it, or chosen while it had the focus last. */
import { useEffect, useRef, useState, type DragEvent, type FocusEvent } from "react";
import { CARRIED } from "../expression/placing";
import { useMapping } from "../mapping";

interface Taking {
  /** What a field's element needs. */
  props: {
    onFocus?: (event: FocusEvent) => void;
    onDragOver?: (event: DragEvent) => void;
    onDragLeave?: (event: DragEvent) => void;
    onDrop?: (event: DragEvent) => void;
    "data-takes"?: true | undefined;
    "data-over"?: true | undefined;
  };
}

const carries = (event: DragEvent): boolean => event.dataTransfer.types.includes(CARRIED);
/** The innermost field is meant, not those around it. */
const isOwn = (event: { target: EventTarget; currentTarget: EventTarget }): boolean => event.target instanceof Element && event.target.closest("[data-field]") === event.currentTarget;

export function useTaking(id: string, label: string, mayTake: boolean, take: (expression: string) => void): Taking {
  const [isOver, setOver] = useState(false);
  const isCarrying = useMapping((state) => state.isCarrying);
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => () => useMapping.getState().forget(id), [id]);
  if (!mayTake) return { props: {} };
  return {
    props: {
      onFocus: (event) => {
        if (isOwn(event)) useMapping.getState().setTaker({ id, label, take: (expression) => latest.current(expression) });
      },
      onDragOver: (event) => {
        if (!isOwn(event) || !carries(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
        setOver(true);
      },
      onDragLeave: (event) => {
        if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget)) setOver(false);
      },
      onDrop: (event) => {
        setOver(false);
        // An editor of code has put it where it fell.
        if (!isOwn(event) || !carries(event) || event.isDefaultPrevented()) return;
        event.preventDefault();
        latest.current(event.dataTransfer.getData(CARRIED));
      },
      "data-takes": isCarrying || undefined,
      "data-over": isOver || undefined,
    },
  };
}
