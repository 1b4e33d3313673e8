/** The settings every node and every flow has, as schemas for the same form that draws configs. */
import type { JsonSchema } from "@/api/types";
import type { Translate } from "@/i18n";

const duration = (title: string, description: string): JsonSchema => ({ type: "string", format: "mulgil-duration", title, description, "x-plain": true });
const whole = (title: string, minimum: number, extra: JsonSchema = {}): JsonSchema => ({ type: "integer", minimum, title, "x-plain": true, ...extra });

export function nodeSettings(text: Translate, isTask: boolean): JsonSchema {
  const collect: JsonSchema = { enum: ["stop", "collect"], default: "stop", title: text("inspector.setting.eachError"), "x-plain": true };
  const forAll: Record<string, JsonSchema> = {
    on_error: { enum: ["fail", "continue", "route"], default: "fail", title: text("inspector.setting.onError"), "x-primary": true, "x-plain": true },
    retry: {
      type: "object",
      title: text("inspector.setting.retry"),
      description: text("inspector.setting.retryHelp"),
      "x-plain": true,
      properties: {
        max_attempts: whole(text("inspector.setting.maxAttempts"), 1, { default: 3, "x-primary": true }),
        backoff: { enum: ["constant", "linear", "exponential"], default: "exponential", title: text("inspector.setting.backoff"), "x-primary": true, "x-plain": true },
        initial: { ...duration(text("inspector.setting.initial"), ""), default: "1s", "x-primary": true },
        factor: { type: "number", minimum: 1, default: 2, title: text("inspector.setting.factor"), "x-plain": true },
        max: { ...duration(text("inspector.setting.max"), ""), default: "60s" },
        jitter: { type: "number", minimum: 0, maximum: 1, default: 0.2, title: text("inspector.setting.jitter"), "x-plain": true },
        max_elapsed: { ...duration(text("inspector.setting.maxElapsed"), ""), default: "10m" },
      },
    },
    timeout: { ...duration(text("inspector.setting.timeout"), text("inspector.setting.timeoutHelp")), default: "30s" },
    each: {
      type: "object",
      title: text("inspector.setting.each"),
      description: text("inspector.setting.eachHelp"),
      "x-plain": true,
      required: ["items"],
      properties: {
        items: { title: text("inspector.setting.items") },
        concurrency: whole(text("inspector.setting.concurrency"), 1, { default: 1 }),
        on_error: collect,
        tolerate: { type: "number", minimum: 0, maximum: 1, default: 1, title: text("inspector.setting.tolerate"), description: text("inspector.setting.tolerateHelp"), "x-plain": true },
      },
    },
    join: {
      title: text("inspector.setting.join"),
      description: text("inspector.setting.joinHelp"),
      default: "all",
      "x-plain": true,
      anyOf: [
        { enum: ["all", "any"], title: text("inspector.setting.joinAllAny"), default: "all" },
        { type: "object", title: text("inspector.setting.joinCount"), required: ["count"], properties: { count: whole(text("inspector.setting.count"), 1, { default: 2 }) } },
      ],
    },
    effect: {
      enum: ["pure", "read", "keyed", "transactional", "once"],
      title: text("inspector.setting.effect"),
      description: text("inspector.setting.effectHelp"),
      "x-plain": true,
    },
    disabled: { type: "boolean", default: false, title: text("inspector.setting.disabled"), description: text("inspector.setting.disabledHelp"), "x-plain": true },
  };
  if (isTask) return { type: "object", properties: forAll };
  const { disabled } = forAll;
  return { type: "object", properties: disabled ? { disabled } : {} };
}

export const settingLabels = (text: Translate): Record<string, string> => ({
  fail: text("inspector.choice.fail"),
  continue: text("inspector.choice.continue"),
  route: text("inspector.choice.route"),
  constant: text("inspector.choice.constant"),
  linear: text("inspector.choice.linear"),
  exponential: text("inspector.choice.exponential"),
  all: text("inspector.choice.all"),
  any: text("inspector.choice.any"),
  stop: text("inspector.choice.stop"),
  collect: text("inspector.choice.collect"),
  compensate: text("inspector.choice.compensate"),
  queue: text("inspector.choice.queue"),
  reject: text("inspector.choice.reject"),
  cancel_oldest: text("inspector.choice.cancelOldest"),
  pure: text("common.effect.pure"),
  read: text("common.effect.read"),
  keyed: text("common.effect.keyed"),
  transactional: text("common.effect.transactional"),
  once: text("common.effect.once"),
});

export const flowSettings = (text: Translate): JsonSchema => ({
  type: "object",
  properties: {
    on_failure: { enum: ["stop", "compensate"], default: "stop", title: text("inspector.setting.onFailure"), "x-primary": true, "x-plain": true },
    timeout: { ...duration(text("inspector.setting.runTimeout"), text("inspector.setting.runTimeoutHelp")), default: "1h" },
    max_parallel: whole(text("inspector.setting.maxParallel"), 1, { default: 10, description: text("inspector.setting.maxParallelHelp") }),
    concurrency: {
      type: "object",
      title: text("inspector.setting.runsAtOnce"),
      description: text("inspector.setting.runsAtOnceHelp"),
      "x-plain": true,
      required: ["limit"],
      properties: {
        limit: whole(text("inspector.setting.limit"), 1, { default: 10 }),
        key: { type: "string", title: text("inspector.setting.key"), description: text("inspector.setting.keyHelp") },
        when_full: { enum: ["queue", "reject", "cancel_oldest"], default: "queue", title: text("inspector.setting.whenFull"), "x-plain": true },
      },
    },
    suspend_after: whole(text("operations.suspended.setting"), 0, { maximum: 1000, default: 20, description: text("operations.suspended.settingHelp") }),
    queue: { type: "string", pattern: "^[a-z][a-z0-9_-]{0,62}$", title: text("inspector.setting.queue"), description: text("inspector.setting.queueHelp"), "x-plain": true },
    vars: { type: "object", additionalProperties: { "x-plain": true }, title: text("inspector.setting.vars"), description: text("inspector.setting.varsHelp"), "x-plain": true },
  },
});
