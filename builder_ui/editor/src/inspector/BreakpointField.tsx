import { Switch, TextInput } from "@mantine/core";
import { useText } from "@/i18n";
import { tellRun, useBreakpoint, useBreakpoints } from "@/store/breakpoints";
import { ApiError } from "@/api/client";
import { useEditor } from "@/store/editor";
import { useView } from "@/store/view";

/** An expression, alike in every language. */
const EXAMPLE = "input.amount > 100";

async function tell(flow: string): Promise<void> {
  try {
    await tellRun(flow);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    useView.getState().fail(error);
  }
}

/** Whether test runs stop before this node, and under which condition. No part of the document. */
export function BreakpointField({ node }: { node: string }) {
  const text = useText();
  const flow = useEditor((state) => state.flow?.id);
  const condition = useBreakpoint(node);
  if (flow === undefined) return null;
  const set = (next: string | undefined): void => useBreakpoints.getState().set(flow, node, next);
  return (
    <>
      <Switch
        label={text("steering.breakpoint.label")}
        description={text("steering.breakpoint.help")}
        checked={condition !== undefined}
        onChange={(event) => {
          set(event.currentTarget.checked ? "" : undefined);
          void tell(flow);
        }}
      />
      {condition !== undefined && (
        <TextInput
          label={text("steering.breakpoint.condition")}
          placeholder={EXAMPLE}
          value={condition}
          onChange={(event) => set(event.currentTarget.value)}
          onBlur={() => void tell(flow)}
        />
      )}
    </>
  );
}
