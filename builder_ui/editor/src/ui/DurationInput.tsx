import { NumberInput, Select } from "@mantine/core";
import { useText } from "@/i18n";
import style from "./DurationInput.module.css";

const UNITS = ["ms", "s", "m", "h", "d"] as const;
type Unit = (typeof UNITS)[number];

interface Props {
  id?: string;
  value: string | null;
  onChange: (value: string | null) => void;
  label: string;
  placeholder?: string | undefined;
  invalid?: boolean;
  readOnly?: boolean;
}

const parsed = (text: string | null | undefined): { amount: number | null; unit: Unit } => {
  const match = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text ?? "");
  return match ? { amount: Number(match[1]), unit: match[2] as Unit } : { amount: null, unit: "s" };
};

/** A duration as the document writes it (`500ms`, `30s`, `5m`, `24h`, `7d`): a number and its unit. */
export function DurationInput({ id, value, onChange, label, placeholder, invalid, readOnly }: Props) {
  const text = useText();
  const { amount, unit } = parsed(value ?? placeholder);
  const units = UNITS.map((each) => ({ value: each, label: text(`common.unit.${each}`) }));
  return (
    <div className={style.row}>
      <NumberInput
        {...(id !== undefined ? { id } : {})}
        aria-label={label}
        className={style.amount}
        min={0}
        allowDecimal={false}
        allowNegative={false}
        value={value === null ? "" : (amount ?? "")}
        placeholder={placeholder ? String(parsed(placeholder).amount ?? "") : undefined}
        error={invalid ?? false}
        readOnly={readOnly ?? false}
        onChange={(next) => onChange(next === "" ? null : `${next}${unit}`)}
      />
      <Select
        aria-label={text("common.unit.label")}
        className={style.unit}
        data={units}
        value={unit}
        allowDeselect={false}
        readOnly={readOnly ?? false}
        onChange={(next) => onChange(`${amount ?? 1}${next ?? unit}`)}
      />
    </div>
  );
}
