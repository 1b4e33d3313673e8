/** The parts of what a promotion shows before it is made: what is in the way, what passed, what is otherwise there. */
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useEnvironments, type Obstacle, type Promotion } from "@/api/environments";
import { useText } from "@/i18n";
import { brief } from "@/ui/JsonTree";
import { Tag } from "@/ui/Tag";
import style from "./environments.module.css";
import { differs, passedGates, releaserNames } from "./promotion";

/** All that keeps a version from being live there, at once. */
export function Refusal({ version, environment, obstacles }: { version: number; environment: string; obstacles: readonly Obstacle[] }) {
  const text = useText();
  if (obstacles.length === 0) return null;
  return (
    <div className={style.refusal} role="alert">
      <strong>
        <IconAlertTriangle size={16} aria-hidden />
        {text("environments.promote.refused", { version, environment })}
      </strong>
      <ul>
        {obstacles.map((each) => (
          <li key={`${each.code} ${each.message}`}>
            {each.message}
            {each.hint !== "" && <span>{each.hint}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What was looked at and holds. */
export function Gates({ preview }: { preview: Promotion }) {
  const text = useText();
  const passed = passedGates(preview);
  if (passed.length === 0) return null;
  return (
    <ul className={style.gates} aria-label={text("environments.gate.label")}>
      {passed.map((gate) => (
        <li key={gate}>
          <IconCheck size={14} aria-hidden />
          {text(`environments.gate.${gate}`)}
        </li>
      ))}
    </ul>
  );
}

/** The flow's variables, where the version comes from and where it goes; those that differ stand first. */
export function Variables({ preview }: { preview: Promotion }) {
  const text = useText();
  if (preview.vars.length === 0) return null;
  const sorted = [...preview.vars].sort((one, other) => Number(differs(other)) - Number(differs(one)));
  const from = preview.source ?? text("environments.promote.flowItself");
  return (
    <section className={style.part}>
      <div className={style.partHead}>
        <h3>{text("environments.promote.vars", { count: sorted.filter(differs).length })}</h3>
      </div>
      <table className={style.table} aria-label={text("environments.vars.title")}>
        <thead>
          <tr>
            <th scope="col">{text("environments.vars.name")}</th>
            <th scope="col">{from}</th>
            <th scope="col">{preview.target}</th>
            <th scope="col">{text("environments.vars.givenBy")}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((each) => (
            <tr key={each.name} data-differs={differs(each) || undefined}>
              <th scope="row">{each.name}</th>
              <td>
                <code>{brief(each.before)}</code>
              </td>
              <td>
                <code>{brief(each.value)}</code>
              </td>
              <td>{text(each.is_given ? "environments.vars.byEnvironment" : "environments.vars.byFlow")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What each credential's name in the flow means there. */
export function Bindings({ preview }: { preview: Promotion }) {
  const text = useText();
  if (preview.credentials.length === 0) return null;
  return (
    <section className={style.part}>
      <div className={style.partHead}>
        <h3>{text("environments.credentials.title")}</h3>
      </div>
      <table className={style.table} aria-label={text("environments.credentials.title")}>
        <thead>
          <tr>
            <th scope="col">{text("environments.credentials.name")}</th>
            <th scope="col">{preview.target}</th>
          </tr>
        </thead>
        <tbody>
          {preview.credentials.map((each) => (
            <tr key={each.name}>
              <th scope="row">{each.name}</th>
              <td>{each.credential ?? <Tag hue="bad">{text("environments.credentials.unbound")}</Tag>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Who may look at it second. */
export function Approvers({ environment }: { environment: string }) {
  const text = useText();
  const known = useEnvironments().data?.results.find((each) => each.name === environment);
  if (known === undefined) return <span>{text("environments.second.help", { environment })}</span>;
  const names = releaserNames(known.releasers, text);
  return <span>{names === "" ? text("environments.second.anyone", { environment }) : text("environments.second.named", { environment, names })}</span>;
}
