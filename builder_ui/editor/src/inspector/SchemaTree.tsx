/** What will be there by its schema: names and kinds, where no value has been seen yet. */
import type { JsonSchema } from "@/api/types";
import { useText } from "@/i18n";
import tree from "@/ui/JsonTree.module.css";
import { fieldOf } from "./form/schema";
import type { Key } from "./expression/known";

interface Props {
  schema: JsonSchema;
  /** How a field of it is chosen and dragged; without these it is only read. */
  onPath?: (keys: Key[]) => void;
  onDrag?: (keys: Key[], into: DataTransfer) => void;
}

const DEEPEST = 6;

export function SchemaTree(props: Props) {
  return (
    <div className={tree.tree}>
      <Fields {...props} root={props.schema} keys={[]} />
    </div>
  );
}

function Fields({ schema, root, keys, ...choosing }: Props & { root: JsonSchema; keys: Key[] }) {
  const { onPath, onDrag } = choosing;
  const text = useText();
  const spec = fieldOf(schema, root);
  const entries = Object.entries(spec.schema.properties ?? {});
  if (entries.length === 0 || keys.length > DEEPEST) return null;
  return (
    <ul>
      {entries.map(([name, property]) => {
        const here = [...keys, name];
        const kind = fieldOf(property, root).kind;
        return (
          <li key={name}>
            <div className={tree.row}>
              {onPath === undefined ? (
                <span className={tree.name} data-index>
                  {name}
                </span>
              ) : (
                <button className={tree.name} draggable={onDrag !== undefined} onDragStart={(event) => onDrag?.(here, event.dataTransfer)} onClick={() => onPath(here)}>
                  {name}
                </button>
              )}
              <span className={tree.brief}>{text(`inspector.kind.${kind}`)}</span>
            </div>
            <Fields {...choosing} schema={property} root={root} keys={here} />
          </li>
        );
      })}
    </ul>
  );
}
