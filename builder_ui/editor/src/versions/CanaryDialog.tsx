import { Group, NumberInput, Radio, Slider, Stack, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/api/client";
import { beginCanary, environmentKeys, goingLive, promotion, type Standing } from "@/api/environments";
import { keys } from "@/api/queries";
import { useText } from "@/i18n";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { ErrorCard } from "@/ui/ErrorCard";
import { notify } from "@/ui/notify";
import { isUnread, Unread, whyOf } from "@/ui/Unread";
import { Approvers, Refusal } from "./PromotionParts";
import { percentText } from "./figures";
import style from "./versions.module.css";

export const STEPS = [5, 25, 50, 100];
/** How new runs come to it: a few more at each step, all of them while the version before stands by, or a share that stays. */
const WAYS = { steps: STEPS, all: [100], share: undefined };
type Way = keyof typeof WAYS;
/** What makes of a beginning a proposal. */
const SECOND = "second_needed";
const EXAMPLE = "{{ run.output.total > 0 }}";

/** Send a share of new runs to another version, with guards that take it back by themselves. */
export function CanaryDialog({ flow, here, version, onClose }: { flow: string; here: Standing; version: number; onClose: () => void }) {
  const text = useText();
  const client = useQueryClient();
  const [weight, setWeight] = useState(10);
  const [errors, setErrors] = useState(5);
  const [p99, setP99] = useState<number | "">("");
  const [least, setLeast] = useState(20);
  const [minutes, setMinutes] = useState(10);
  const [how, choose] = useState<Way>("steps");
  const [expression, setExpression] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const { environment } = here;
  const origin = { version };
  const seen = useQuery({ queryKey: environmentKeys.foreseenCanary(flow, environment, version), queryFn: () => goingLive.foreseeCanary(flow, version, environment), staleTime: 0, gcTime: 0 });
  const isProposed = seen.data?.obstacles.some((each) => each.code === SECOND) ?? false;
  // Where a second person looks first, the flow's tests are played too.
  const way = useQuery({ queryKey: environmentKeys.promotion(flow, environment, origin), queryFn: () => promotion.preview(flow, environment, origin), enabled: isProposed, staleTime: 0, gcTime: 0 });
  const told = isProposed ? way : seen;
  const obstacles = told.data?.obstacles.filter((each) => each.code !== SECOND && each.code !== "path_taken") ?? [];
  const start = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const guards = { error_rate: errors / 100, min_runs: least, minutes, ...(p99 === "" ? {} : { p99_ms: p99 }), ...(expression.trim() === "" ? {} : { expression: expression.trim() }) };
      const begun = await beginCanary(flow, { version, environment, guards, ...(WAYS[how] ? { steps: WAYS[how] } : { weight }) });
      await client.invalidateQueries({ queryKey: keys.flows });
      if (begun === "proposed") notify(text("environments.promote.proposed", { version, environment }));
      onClose();
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
      setBusy(false);
      void seen.refetch();
    }
  };
  const whole = (next: string | number, before: number): number => (typeof next === "number" ? next : before);
  return (
    <ConfirmDialog opened title={text("versions.canary.title", { version })} confirm={text(isProposed ? "environments.promote.propose" : "versions.canary.start")} busy={busy} disabled={told.isLoading || obstacles.length > 0} onClose={onClose} onConfirm={() => void start()}>
      <div className={style.dialog}>
        {error !== null && <ErrorCard error={whyOf(text, error)} />}
        {error === null && isUnread(told) && <Unread what={text("versions.foreseen")} asked={told} />}
        <p className={style.lead}>{text("versions.canary.help")}</p>
        {isProposed && (
          <p className={style.lead}>
            <Approvers environment={environment} />
          </p>
        )}
        <Refusal version={version} environment={environment} obstacles={obstacles} />
        <Radio.Group value={how} onChange={choose} label={text("releases.canary.way")}>
          <Stack gap="xs" pt="xs">
            <Radio data-autofocus size="sm" value="steps" label={text("releases.canary.byStep")} description={text("releases.canary.byStepHelp")} />
            <Radio size="sm" value="all" label={text("releases.canary.all")} description={text("releases.canary.allHelp")} />
            <Radio size="sm" value="share" label={text("releases.canary.share")} />
          </Stack>
        </Radio.Group>
        {how === "share" && (
          <div>
            <p className={style.label}>{text("versions.canary.weight", { weight })}</p>
            <Slider value={weight} onChange={setWeight} min={1} max={100} label={percentText} thumbLabel={text("versions.canary.weight", { weight })} />
          </div>
        )}
        <p className={style.label}>{text("versions.canary.guards")}</p>
        <Group grow align="flex-end">
          <NumberInput size="sm" label={text("versions.canary.errors")} suffix={percentText("")} min={0} max={100} value={errors} onChange={(next) => setErrors(whole(next, errors))} />
          <NumberInput size="sm" label={text("versions.canary.p99")} suffix={text("common.time.ms", { count: "" })} min={0} value={p99} onChange={(next) => setP99(typeof next === "number" ? next : "")} />
        </Group>
        <Group grow align="flex-end">
          <NumberInput size="sm" label={text("versions.canary.least")} min={0} value={least} onChange={(next) => setLeast(whole(next, least))} />
          <NumberInput size="sm" label={text("versions.canary.minutes")} min={0} value={minutes} onChange={(next) => setMinutes(whole(next, minutes))} />
        </Group>
        <TextInput size="sm" label={text("releases.canary.expression")} description={text("releases.canary.expressionHelp")} placeholder={text("releases.canary.example", { example: EXAMPLE })} value={expression} onChange={(event) => setExpression(event.currentTarget.value)} />
      </div>
    </ConfirmDialog>
  );
}
