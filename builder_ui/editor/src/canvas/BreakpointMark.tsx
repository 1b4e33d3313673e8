import { useText } from "@/i18n";
import { useBreakpoint } from "@/store/breakpoints";
import style from "./BreakpointMark.module.css";

/** A run stops before this node; a ring where only under a condition. */
export function BreakpointMark({ node }: { node: string }) {
  const text = useText();
  const condition = useBreakpoint(node);
  if (condition === undefined) return null;
  const said = condition === "" ? text("steering.breakpoint.here") : text("steering.breakpoint.when", { condition });
  return <span className={style.mark} data-conditional={condition !== "" || undefined} role="img" aria-label={said} title={said} data-testid={`breakpoint-${node}`} />;
}
