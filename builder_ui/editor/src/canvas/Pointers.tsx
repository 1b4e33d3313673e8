import { usePeople } from "@/store/people";
import { useMoving } from "./moving";
import { OnSheet } from "./OnSheet";
import style from "./PeopleMark.module.css";

/** Where the others' pointers are on the canvas: as large at every zoom. A picture only; their rings say it in words. */
export function Pointers() {
  const peers = usePeople((state) => state.peers);
  const zoom = useMoving((view) => view.zoom);
  return (
    <OnSheet>
      {[...peers.values()].map(
        ({ key, name, colour, pointer }) =>
          pointer !== null && (
            <div
              key={key}
              className={style.pointer}
              data-person={colour}
              data-testid="pointer"
              aria-hidden
              style={{ transform: `translate(${pointer.x}px, ${pointer.y}px) scale(${1 / zoom})`, transformOrigin: "0 0" }}
            >
              <svg width="16" height="18" viewBox="0 0 16 18">
                <path d="M1 1l4.5 15 3-6 6.5-2z" strokeLinejoin="round" />
              </svg>
              <span>{name}</span>
            </div>
          ),
      )}
    </OnSheet>
  );
}
