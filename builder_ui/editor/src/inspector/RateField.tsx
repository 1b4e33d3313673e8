import { Group, Input, NumberInput } from "@mantine/core";
import { useText } from "@/i18n";
import { DurationInput } from "@/ui/DurationInput";

interface Props {
  /** Null: as often as anyone likes. */
  limit: number | null;
  per: string;
  onLimit: (limit: number | null) => void;
  onPer: (per: string) => void;
}

/** How often what a credential opens may be asked: so many times in so long, or without a limit. */
export function RateField({ limit, per, onLimit, onPer }: Props) {
  const text = useText();
  return (
    <Input.Wrapper size="xs" label={text("inspector.rate.label")} description={text("inspector.rate.help")} labelElement="div">
      <Group gap="xs" wrap="nowrap" mt={4}>
        <NumberInput
          aria-label={text("inspector.rate.limit")}
          placeholder={text("inspector.rate.none")}
          min={1}
          max={1_000_000}
          allowDecimal={false}
          allowNegative={false}
          value={limit ?? ""}
          onChange={(next) => onLimit(next === "" ? null : Number(next))}
          style={{ flex: 1 }}
        />
        <span>{text("inspector.rate.in")}</span>
        <DurationInput label={text("inspector.rate.per")} value={per} onChange={(next) => onPer(next ?? "1m")} />
      </Group>
    </Input.Wrapper>
  );
}
