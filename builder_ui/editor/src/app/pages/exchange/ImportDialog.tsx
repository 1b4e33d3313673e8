/** Taking flows in from files: what would change is shown first, and nothing is done by halves. */
import { Button, Group, Loader, Modal, Stack, Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/api/account";
import { ApiError } from "@/api/client";
import { exchange, type Planned, type Refused, type Taking } from "@/api/exchange";
import { keys, queryClient } from "@/api/queries";
import { givenOf } from "@/commands/filing";
import { useText } from "@/i18n";
import { ErrorCard } from "@/ui/ErrorCard";
import { Tag } from "@/ui/Tag";
import { isUnread, Unread } from "@/ui/Unread";
import { useFocusBack } from "@/ui/useFocusBack";
import { isRefusal, messageOf, tell } from "../../told";
import style from "./exchange.module.css";

const HUES = { new: "ok", changed: "wait", same: undefined } as const;
const SHOWN = 3;

interface Props {
  files: readonly File[];
  onClose: () => void;
  /** The flows it became; of one that came alone its id. */
  onTaken: (flow: string | null) => void;
}

export function ImportDialog({ files, onClose, onTaken }: Props) {
  const text = useText();
  const mayPublish = useMay("flows:publish");
  const [publish, setPublish] = useState(false);
  const [refusal, refuse] = useState<ApiError | null>(null);
  const [isTaking, take] = useState(false);
  useFocusBack(true);
  useFocusBack(isTaking);
  const asked = useQuery({
    queryKey: ["import", files, publish],
    queryFn: async () => exchange.planned(await givenOf(files), publish),
    retry: false,
    gcTime: 0,
    staleTime: Infinity,
  });
  const plan = asked.data;
  const isReady = plan !== undefined && plan.refused.length === 0 && plan.changes > 0 && refusal === null;
  const bringIn = async (): Promise<void> => {
    take(true);
    try {
      const { flows, changes } = await exchange.taken(await givenOf(files), publish);
      await queryClient.invalidateQueries({ queryKey: keys.flows });
      tell(text("exchange.done", { count: changes }));
      onTaken(flows.length === 1 ? (flows[0]?.flow ?? null) : null);
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      refuse(failed);
    } finally {
      take(false);
    }
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={text("exchange.title")} closeButtonProps={{ "aria-label": text("common.action.close") }}>
      <Stack gap="md" data-testid="import">
        {asked.isPending && !isUnread(asked) && <Loader size="sm" aria-label={text("exchange.reading")} />}
        {refusal !== null && <Refusal error={refusal} />}
        {refusal === null && isUnread(asked) && (asked.error !== null && isRefusal(asked.error) ? <Refusal error={asked.error} /> : <Unread what={text("exchange.plan")} asked={asked} />)}
        {plan !== undefined && <PlanOf plan={plan} />}
        {mayPublish && (
          <Switch data-autofocus size="sm" label={text("exchange.publish")} description={text("exchange.publishHelp")} checked={publish} onChange={(event) => setPublish(event.currentTarget.checked)} />
        )}
        <Group justify="flex-end" gap="xs">
          <Button size="sm" onClick={onClose}>
            {text("common.action.cancel")}
          </Button>
          <Button size="sm" variant="filled" disabled={!isReady} loading={isTaking} onClick={() => void bringIn()}>
            {text("exchange.take", { count: plan?.changes ?? 0 })}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Refusal({ error }: { error: Error }) {
  const text = useText();
  return <ErrorCard error={messageOf(error)} title={text("exchange.refused")} />;
}

function PlanOf({ plan }: { plan: Taking }) {
  const text = useText();
  return (
    <>
      {plan.refused.length > 0 && <RefusedFiles refused={plan.refused} />}
      {plan.changes === 0 && plan.refused.length === 0 && <Text size="sm">{text("exchange.nothing")}</Text>}
      <ul className={style.list} aria-label={text("exchange.plan")}>
        {plan.flows.map((planned) => (
          <PlannedFlow key={planned.file} planned={planned} />
        ))}
      </ul>
      {plan.left_out.length > 0 && (
        <Text size="xs" c="dimmed">
          {text("exchange.leftOut", { files: plan.left_out.join(", ") })}
        </Text>
      )}
    </>
  );
}

function RefusedFiles({ refused }: { refused: readonly Refused[] }) {
  const text = useText();
  return (
    <div className={style.refused} role="alert">
      <b>{text("exchange.refused")}</b>
      <ul className={style.faults}>
        {refused.map((one) => (
          <li key={one.file}>
            <b>{one.file}</b> {one.reason}
          </li>
        ))}
      </ul>
    </div>
  );
}

function PlannedFlow({ planned }: { planned: Planned }) {
  const text = useText();
  const { problems } = planned;
  return (
    <li>
      <Group gap={6}>
        <b>{planned.name}</b>
        <Tag {...(HUES[planned.what] === undefined ? {} : { hue: HUES[planned.what] })}>{text(`exchange.what.${planned.what}`)}</Tag>
        {planned.publishes && <Tag hue="ok">{text("exchange.publishes")}</Tag>}
        <span className={style.file}>{planned.file}</span>
      </Group>
      {planned.before !== "" && <p>{text("exchange.renames", { before: planned.before })}</p>}
      {planned.unknown_types.length > 0 && <p className={style.warns}>{text("exchange.unknown", { types: planned.unknown_types.join(", ") })}</p>}
      {planned.unbound.length > 0 && <p className={style.warns}>{text("exchange.unbound", { names: planned.unbound.join(", ") })}</p>}
      {problems.length > 0 && (
        <details>
          <summary>{text("exchange.problems", { count: problems.length })}</summary>
          <ul className={style.faults}>
            {problems.slice(0, SHOWN).map((problem) => (
              <li key={`${problem.node ?? ""}${problem.path}${problem.code}`}>{problem.message}</li>
            ))}
          </ul>
        </details>
      )}
      {planned.text !== "" && (
        <pre className={style.words}>{planned.text}</pre>
      )}
    </li>
  );
}
