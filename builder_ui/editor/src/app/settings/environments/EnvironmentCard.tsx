import { ActionIcon, Button } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconChevronDown, IconChevronRight, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { environments, type Environment } from "@/api/environments";
import { ApiError } from "@/api/client";
import { useText } from "@/i18n";
import { ErrorCard } from "@/ui/ErrorCard";
import { notify } from "@/ui/notify";
import { Tag } from "@/ui/Tag";
import { whyOf } from "@/ui/Unread";
import { BindingFields } from "./BindingFields";
import style from "./environments.module.css";
import { changeOf, isFaulty, typedOf, type Typed } from "./form";
import { ReleaserFields } from "./ReleaserFields";
import { VariableFields } from "./VariableFields";

interface Props {
  environment: Environment;
  mayWrite: boolean;
  onKept: () => Promise<void>;
  /** Null at the ends of the list. */
  onUp: (() => void) | null;
  onDown: (() => void) | null;
  onRemove: () => void;
}

/** An environment in the list: folded, what it is; unfolded, what it gives to runs and who may release there. */
export function EnvironmentCard({ environment, mayWrite, onKept, onUp, onDown, onRemove }: Props) {
  const text = useText();
  const [isOpen, open] = useState(false);
  const { name, releasers } = environment;
  const isNamed = releasers.users.length + releasers.roles.length + releasers.groups.length > 0;
  return (
    <li className={style.card} aria-label={name}>
      <header className={style.head}>
        <button type="button" className={style.fold} aria-expanded={isOpen} onClick={() => open(!isOpen)}>
          {isOpen ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
          <strong>{name}</strong>
        </button>
        {environment.is_default && (
          <Tag hue="accent" title={text("environments.defaultHelp")}>
            {text("environments.default")}
          </Tag>
        )}
        {(isNamed || environment.needs_second) && <Tag title={text(environment.needs_second ? "environments.second.sign" : "environments.releasers.named")}>{text("environments.protected")}</Tag>}
        <span className={style.counts}>
          {text("environments.vars.count", { count: Object.keys(environment.vars).length })} · {text("environments.credentials.count", { count: Object.keys(environment.credentials).length })}
        </span>
        {mayWrite && (
          <span className={style.tools}>
            <ActionIcon aria-label={text("environments.up", { name })} disabled={onUp === null} onClick={() => onUp?.()}>
              <IconArrowUp size={15} />
            </ActionIcon>
            <ActionIcon aria-label={text("environments.down", { name })} disabled={onDown === null} onClick={() => onDown?.()}>
              <IconArrowDown size={15} />
            </ActionIcon>
            <ActionIcon aria-label={text("environments.remove.title", { name })} disabled={environment.is_default} onClick={onRemove}>
              <IconTrash size={15} />
            </ActionIcon>
          </span>
        )}
      </header>
      {isOpen && <Fields environment={environment} mayWrite={mayWrite} onKept={onKept} />}
    </li>
  );
}

function Fields({ environment, mayWrite, onKept }: Pick<Props, "environment" | "mayWrite" | "onKept">) {
  const text = useText();
  const [typed, type] = useState<Typed>(() => typedOf(environment));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const isWrong = isFaulty(typed);
  const change = isWrong ? null : changeOf(environment, typed);
  const keep = async (): Promise<void> => {
    if (change === null) return;
    setBusy(true);
    setError(null);
    try {
      type(typedOf(await environments.change(environment.name, change)));
      await onKept();
      notify(text("environments.kept", { name: environment.name }));
    } catch (refused) {
      if (!(refused instanceof ApiError)) throw refused;
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className={style.fields}
      onSubmit={(event) => {
        event.preventDefault();
        void keep();
      }}
    >
      <VariableFields rows={typed.vars} readOnly={!mayWrite} onRows={(vars) => type({ ...typed, vars })} />
      <BindingFields rows={typed.credentials} readOnly={!mayWrite} onRows={(credentials) => type({ ...typed, credentials })} />
      <ReleaserFields releasers={typed.releasers} needsSecond={typed.needsSecond} readOnly={!mayWrite} onReleasers={(releasers) => type({ ...typed, releasers })} onNeedsSecond={(needsSecond) => type({ ...typed, needsSecond })} />
      {error !== null && <ErrorCard error={whyOf(text, error)} />}
      {mayWrite && (
        <div className={style.foot}>
          <span>{text("environments.keepHelp")}</span>
          <Button type="submit" size="sm" variant="filled" loading={busy} disabled={change === null}>
            {text("environments.keep")}
          </Button>
        </div>
      )}
    </form>
  );
}
