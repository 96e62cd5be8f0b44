import type { JsonObject } from "@pictor/core"
import type { CallDraft } from "@pictor/core/adapter"
import type { Broken } from "./broken.ts"
import { encode, type Mini } from "./mini.ts"

const encoding =
  (change: (body: JsonObject, draft: CallDraft) => JsonObject): (() => Mini) =>
  () => ({ encode: (draft) => change(encode(draft), draft) })

const withNumber = (
  body: JsonObject,
  key: string,
  change: (value: number) => number,
): JsonObject => (typeof body[key] === "number" ? { ...body, [key]: change(body[key]) } : body)

const without = (body: JsonObject, key: string): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== key))

export const brokenBodies: readonly Broken[] = [
  {
    clause: "body-json",
    mistake: "leaves an undefined value in the body",
    parts: encoding((body) => ({ ...body, style: body["style"] })),
  },
  {
    clause: "body-json",
    mistake: "sends a date, which is not JSON",
    parts: encoding((body) => ({ ...body, ordered: new Date(0) })),
  },
  {
    clause: "body-pure",
    mistake: "changes its draft",
    parts: () => ({ encode: (draft) => encode(Object.assign(draft, { count: draft.count })) }),
  },
  {
    clause: "body-places",
    mistake: "omits the negative prompt",
    parts: encoding((body) => ({
      ...body,
      ...("words" in body ? { words: without(body["words"] as JsonObject, "avoid") } : {}),
    })),
  },
  {
    clause: "body-planned",
    mistake: "always sends the best quality",
    parts: encoding((body) => ("quality" in body ? { ...body, quality: "premium" } : body)),
  },
  {
    clause: "body-planned",
    mistake: "takes at most 40 steps",
    parts: encoding((body) => withNumber(body, "steps", (steps) => Math.min(40, steps))),
  },
  {
    clause: "body-options",
    mistake: "drops the options",
    parts: encoding((body) => without(body, "extra")),
  },
  {
    clause: "range-limits",
    mistake: "sends less guidance than its card allows",
    parts: encoding((body) => withNumber(body, "guidance", (guidance) => Math.min(15, guidance))),
  },
  {
    clause: "range-texts",
    mistake: "cuts long prompts",
    parts: () => ({
      encode: (draft) =>
        encode({
          ...draft,
          fields: {
            ...draft.fields,
            ...(draft.fields.prompt ? { prompt: draft.fields.prompt.slice(0, 300) } : {}),
          },
        }),
    }),
  },
  {
    clause: "seed-sent",
    mistake: "forgets the seed",
    parts: encoding((body) => without(body, "seed")),
  },
  {
    clause: "seed-zero",
    mistake: "omits the seed 0",
    parts: encoding((body) => (body["seed"] === 0 ? without(body, "seed") : body)),
  },
  {
    clause: "seed-split",
    mistake: "sends the first call's seed in every call",
    parts: () => {
      const seeds = new Map<string, unknown>()
      return {
        encode: (draft) => {
          const { seed, ...body } = encode(draft)
          const key = JSON.stringify(draft.fields)
          if (!seeds.has(key)) seeds.set(key, seed)
          return { ...body, ...(seed === undefined ? {} : { seed: seeds.get(key) }) }
        },
      }
    },
  },
]
