/** Instants and lengths of time in words. Instants are RFC 3339 text; lengths are milliseconds. */
import { spoken, t } from "@/i18n";

/** `412 ms`, `3.2 s`, `2 min 05 s`, `1 h 12 min`: as exact as a reader can use. */
export function durationText(ms: number): string {
  if (ms < 1_000) return t("common.time.ms", { count: Math.max(0, Math.round(ms)) });
  const seconds = ms / 1_000;
  if (seconds < 60) return t("common.time.seconds", { count: seconds < 10 ? seconds.toFixed(1) : Math.floor(seconds) });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t("common.time.minutesSeconds", { minutes, seconds: pad(Math.floor(seconds % 60)) });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return t("common.time.hoursMinutes", { hours, minutes: pad(minutes % 60) });
  return t("common.time.daysHours", { days: Math.floor(hours / 24), hours: hours % 24 });
}

const pad = (count: number): string => String(count).padStart(2, "0");

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** The number of an instant's day in the reader's zone, of which only differences say anything. */
function dayOf(at: string | number): number {
  const time = new Date(at);
  return Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) / 86_400_000;
}

/** One for each language: to make one takes as long as to draw a card. */
const agos = new Map<string, Intl.RelativeTimeFormat>();

function agoOf(language: string): Intl.RelativeTimeFormat {
  const known = agos.get(language) ?? new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  agos.set(language, known);
  return known;
}

/** `just now`, `3 s ago`, `2 hours ago`, `in 5 minutes`. */
export function relativeText(at: string | number, now: number): string {
  const seconds = (new Date(at).getTime() - now) / 1_000;
  const size = Math.abs(seconds);
  if (size < 2) return t("common.time.justNow");
  if (size < 60 && seconds < 0) return t("common.time.secondsAgo", { count: Math.round(size) });
  const [unit, length] = UNITS.find(([, each]) => size >= each) ?? ["second", 1];
  // "Tomorrow" is a word of the calendar: what is due in 47 hours is mostly due the day after.
  const count = unit === "day" ? dayOf(at) - dayOf(now) : Math.trunc(seconds / length);
  return agoOf(spoken()).format(count, unit);
}

/** The first plural and the first distance in time take the browser as long as a frame: said to nobody, they have been made. */
export function prepareTimes(): void {
  durationText(0);
  relativeText(0, 3_600_000);
}

/** The instant in full, in the reader's zone. */
export const instantText = (at: string | number): string =>
  new Intl.DateTimeFormat(spoken(), { dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));

/** The time of day with milliseconds, for logs. */
export const clockText = (at: string | number): string => {
  const time = new Date(at);
  return `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, "0")}`;
};
