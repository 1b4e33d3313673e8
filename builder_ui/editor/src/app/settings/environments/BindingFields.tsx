import { ActionIcon, Button, Select, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useCredentials } from "@/api/queries";
import { useText } from "@/i18n";
import { isUnread, Unread } from "@/ui/Unread";
import { useRows } from "@/ui/useRows";
import style from "./environments.module.css";
import { faultOfBinding, type TypedBinding } from "./form";

interface Props {
  rows: readonly TypedBinding[];
  readOnly: boolean;
  onRows: (rows: readonly TypedBinding[]) => void;
}

/** Which credential of the workspace a name in a flow means here. */
export function BindingFields({ rows, readOnly, onRows }: Props) {
  const text = useText();
  const all = useCredentials();
  const known = all.data?.results.map((each) => each.name) ?? [];
  const { box, added, removed } = useRows<HTMLFieldSetElement>();
  const add = (): void => {
    onRows([...rows, { name: "", credential: null }]);
    added();
  };
  const remove = (at: number): void => {
    onRows(rows.filter((_, place) => place !== at));
    removed();
  };
  const put = (at: number, row: TypedBinding): void => onRows(rows.map((each, place) => (place === at ? row : each)));
  return (
    <fieldset ref={box} className={style.part}>
      <legend>{text("environments.credentials.title")}</legend>
      <p className={style.help}>{text("environments.credentials.help")}</p>
      {isUnread(all) && <Unread what={text("pages.credentials.title")} asked={all} />}
      {rows.map((row, at) => {
        const fault = faultOfBinding(rows, at);
        const isOfName = fault === "noName" || fault === "twice";
        // One that was deleted since is still shown.
        const choices = row.credential === null || known.includes(row.credential) ? known : [...known, row.credential];
        return (
          <div key={at} className={style.row} data-row>
            <TextInput size="sm" aria-label={text("environments.credentials.name")} placeholder={text("environments.credentials.name")} maxLength={100} readOnly={readOnly} error={isOfName ? text(`environments.fault.${fault}`) : null} value={row.name} onChange={(event) => put(at, { ...row, name: event.currentTarget.value })} />
            <Select
              size="sm"
              aria-label={text("environments.credentials.meant", { name: row.name })}
              placeholder={text("environments.credentials.choose")}
              data={choices}
              searchable
              readOnly={readOnly}
              allowDeselect={false}
              error={fault === "noCredential" ? text("environments.fault.noCredential") : null}
              value={row.credential}
              onChange={(credential) => put(at, { ...row, credential })}
            />
            {!readOnly && (
              <ActionIcon className={style.drop} aria-label={text("environments.credentials.remove", { name: row.name })} onClick={() => remove(at)}>
                <IconTrash size={15} />
              </ActionIcon>
            )}
          </div>
        );
      })}
      {rows.length === 0 && readOnly && <p className={style.help}>{text("environments.credentials.none")}</p>}
      {!readOnly && (
        <Button data-adds size="xs" leftSection={<IconPlus size={14} />} onClick={add}>
          {text("environments.credentials.add")}
        </Button>
      )}
    </fieldset>
  );
}
