import { z } from "zod"
import { type Kind, type Parameter, parameters } from "./parameters.ts"

const cost = z.object({
  usd: z.string().nullable().describe("Decimal USD; null where some of it is unknown."),
  micro_usd: z.int(),
  maybe_micro_usd: z.int().describe("What may have been charged besides."),
  unknown_images: z.int().describe("Images whose price nobody knows."),
})

const change = z.object({
  field: z.string(),
  action: z.enum(["mapped", "snapped", "clamped", "split", "dropped"]),
  from: z.unknown(),
  to: z.unknown(),
  why: z.string(),
})

const lostSlot = z.object({
  index: z.int(),
  status: z.enum(["filtered", "failed", "not-attempted"]),
  stage: z.string().optional(),
  reason: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
})

const report = z.object({
  model: z.string(),
  cost,
  seeds: z.array(z.int().nullable()).describe("Of the images in data, in their order."),
  changes: z.array(change).describe("What differs from what was asked."),
  warnings: z.array(z.string()),
  slots: z.array(lostSlot).describe("The ordered images that are not in data, and why."),
})

const image = z.object({ b64_json: z.string().optional(), url: z.string().optional() })

export const imagesResponse = z.object({
  created: z.int(),
  data: z.array(image).min(1),
  size: z.string().optional(),
  quality: z.string().optional(),
  output_format: z.string().optional(),
  background: z.string().optional(),
  pictor: report,
})

export const completedEvent = z.object({
  type: z.enum(["image_generation.completed", "image_edit.completed"]),
  b64_json: z.string(),
  created_at: z.int(),
  size: z.string(),
  quality: z.string(),
  output_format: z.string(),
  background: z.string(),
  usage: z.looseObject({ total_tokens: z.literal(0) }),
  pictor: report.optional().describe("With the last event."),
})

export const reportEvent = z
  .object({ type: z.literal("pictor.report"), pictor: report })
  .describe("The last event where the last image had gone out before it was known to be the last.")

const issue = z.object({
  code: z.string(),
  param: z.string(),
  message: z.string(),
  allowed: z.string().optional(),
})

export const errorResponse = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string(),
    issues: z.array(issue).optional().describe("All that is wrong with the request."),
    moderation_details: z
      .object({
        categories: z.array(z.string()),
        moderation_stage: z.enum(["input", "output", "unknown"]),
      })
      .optional(),
    pictor: z
      .object({
        maybe_billed: z.boolean(),
        cost: cost.optional(),
        slots: z.array(lostSlot).optional(),
      })
      .optional(),
  }),
})

export const errorEvent = errorResponse
  .extend({ type: z.literal("error") })
  .describe("The last event of a request that failed after images had gone out; they are paid for.")

export const model = z.object({
  id: z.string(),
  object: z.literal("model"),
  created: z.number(),
  owned_by: z.string(),
  pictor: z.looseObject({ model: z.string() }).optional(),
})

export const modelList = z.object({ object: z.literal("list"), data: z.array(model) })

export const plan = z.looseObject({
  model: z.string(),
  task: z.string(),
  n: z.int(),
  resolved: z.looseObject({}),
  changes: z.array(change),
  warnings: z.array(z.string()),
  estimate: cost,
})

const described = (name: string, { schema, about }: Parameter): z.ZodType => {
  const whole = schema.describe(about)
  return name === "model" || name === "prompt" ? whole : whole.nullable().optional()
}

/** A request body, out of the table that also reads it. Fields that are not in it are those of the model's own body. */
export const bodySchema = (kind: Kind): z.ZodType =>
  z.looseObject(
    Object.fromEntries(
      Object.entries(parameters[kind]).map(([name, parameter]) => [
        name,
        described(name, parameter),
      ]),
    ),
  )
