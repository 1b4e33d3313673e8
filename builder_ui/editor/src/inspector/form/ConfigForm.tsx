import type { FormContext } from "./context";
import { Form } from "./context";
import type { Json } from "@/document/types";
import style from "./form.module.css";
import { Fields } from "./ObjectField";

/** A whole form, drawn from a schema. What the fields may know comes with it. */
export function ConfigForm({ value, ...context }: FormContext & { value: Json | undefined }) {
  return (
    <Form value={context}>
      <div className={style.form}>
        <Fields schema={context.root} value={value} path={[]} />
      </div>
    </Form>
  );
}
