import { Select } from "@mantine/core";
import { useEnvironments } from "@/api/environments";
import { useText } from "@/i18n";

/** In which environment a run starts: the default one until another is chosen. Nothing where there is but one. */
export function EnvironmentSelect({ value, error = null, onChange }: { value: string | null; error?: string | null; onChange: (environment: string) => void }) {
  const text = useText();
  const known = useEnvironments().data?.results ?? [];
  if (known.length < 2) return null;
  const standard = known.find((each) => each.is_default)?.name ?? null;
  return <Select size="sm" label={text("environments.runs.environment")} description={text("environments.runs.help")} data={known.map((each) => each.name)} value={value ?? standard} allowDeselect={false} error={error} onChange={(next) => next !== null && onChange(next)} />;
}
