import { MultiSelect, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { accountKeys, groups, members, ROLES } from "@/api/account";
import type { Releasers } from "@/api/environments";
import { useText } from "@/i18n";
import { isUnread, Unread } from "@/ui/Unread";
import style from "./environments.module.css";

interface Props {
  releasers: Releasers;
  needsSecond: boolean;
  readOnly: boolean;
  onReleasers: (releasers: Releasers) => void;
  onNeedsSecond: (needsSecond: boolean) => void;
}

/** Who may release there, and whether somebody else has to look first. */
export function ReleaserFields({ releasers, needsSecond, readOnly, onReleasers, onNeedsSecond }: Props) {
  const text = useText();
  const everyone = useQuery({ queryKey: accountKeys.members, queryFn: members.list });
  const grouped = useQuery({ queryKey: accountKeys.groups, queryFn: groups.list });
  const people = everyone.data?.results ?? [];
  const known = grouped.data?.results ?? [];
  // Whoever left is still shown until taken out.
  const withNamed = (names: readonly string[], named: readonly string[]): string[] => [...new Set([...names, ...named])];
  return (
    <fieldset className={style.part}>
      <legend>{text("environments.releasers.title")}</legend>
      <p className={style.help}>{text("environments.releasers.help")}</p>
      {isUnread(everyone) && <Unread what={text("environments.releasers.users")} asked={everyone} />}
      {isUnread(grouped) && <Unread what={text("environments.releasers.groups")} asked={grouped} />}
      <div className={style.three}>
        <MultiSelect size="sm" label={text("environments.releasers.users")} data={withNamed(people.map((each) => each.name), releasers.users)} value={releasers.users} readOnly={readOnly} searchable onChange={(users) => onReleasers({ ...releasers, users })} />
        <MultiSelect size="sm" label={text("environments.releasers.roles")} data={ROLES.map((value) => ({ value, label: text(`common.role.${value}`) }))} value={releasers.roles} readOnly={readOnly} onChange={(roles) => onReleasers({ ...releasers, roles })} />
        <MultiSelect size="sm" label={text("environments.releasers.groups")} data={withNamed(known.map((each) => each.name), releasers.groups)} value={releasers.groups} readOnly={readOnly} searchable onChange={(chosen) => onReleasers({ ...releasers, groups: chosen })} />
      </div>
      <Switch size="sm" label={text("environments.second.label")} description={text("environments.second.switchHelp")} checked={needsSecond} disabled={readOnly} onChange={(event) => onNeedsSecond(event.currentTarget.checked)} />
    </fieldset>
  );
}
