import { ActionIcon, Button, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useText } from "@/i18n";
import { useRows } from "@/ui/useRows";
import style from "./environments.module.css";
import { faultOfVariable, type TypedVariable } from "./form";

interface Props {
  rows: readonly TypedVariable[];
  readOnly: boolean;
  onRows: (rows: readonly TypedVariable[]) => void;
}

/** Values laid over the variables that flows declare, each as JSON. */
export function VariableFields({ rows, readOnly, onRows }: Props) {
  const text = useText();
  const { box, added, removed } = useRows<HTMLFieldSetElement>();
  const add = (): void => {
    onRows([...rows, { name: "", value: "" }]);
    added();
  };
  const remove = (at: number): void => {
    onRows(rows.filter((_, place) => place !== at));
    removed();
  };
  const put = (at: number, row: TypedVariable): void => onRows(rows.map((each, place) => (place === at ? row : each)));
  return (
    <fieldset ref={box} className={style.part}>
      <legend>{text("environments.vars.title")}</legend>
      <p className={style.help}>{text("environments.vars.help")}</p>
      {rows.map((row, at) => {
        const fault = faultOfVariable(rows, at);
        const isOfName = fault === "noName" || fault === "twice";
        return (
          <div key={at} className={style.row} data-row>
            <TextInput size="sm" aria-label={text("environments.vars.name")} placeholder={text("environments.vars.name")} maxLength={100} readOnly={readOnly} error={isOfName ? text(`environments.fault.${fault}`) : null} value={row.name} onChange={(event) => put(at, { ...row, name: event.currentTarget.value })} />
            <Textarea
              size="sm"
              autosize
              minRows={1}
              maxRows={8}
              aria-label={text("environments.vars.valueOf", { name: row.name })}
              placeholder={'"https://…"'}
              classNames={{ input: style.code ?? "" }}
              readOnly={readOnly}
              error={fault === "notJson" ? text("environments.fault.notJson") : null}
              value={row.value}
              onChange={(event) => put(at, { ...row, value: event.currentTarget.value })}
            />
            {!readOnly && (
              <ActionIcon className={style.drop} aria-label={text("environments.vars.remove", { name: row.name })} onClick={() => remove(at)}>
                <IconTrash size={15} />
              </ActionIcon>
            )}
          </div>
        );
      })}
      {rows.length === 0 && readOnly && <p className={style.help}>{text("environments.vars.none")}</p>}
      {!readOnly && (
        <Button data-adds size="xs" leftSection={<IconPlus size={14} />} onClick={add}>
          {text("environments.vars.add")}
        </Button>
      )}
    </fieldset>
  );
}
