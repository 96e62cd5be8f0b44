import { z } from "zod"
import { type Kind, type Parameter, parameters } from "./parameters.ts"

const cost = z.object({
  usd: z.string().nullable().describe("Decimal USD. null if the price of an image is unknown."),
  micro_usd: z.int(),
  maybe_micro_usd: z.int().describe("Amount that may have been charged in addition."),
  unknown_images: z.int().describe("Number of images whose price is unknown."),
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
  seeds: z.array(z.int().nullable()).describe("Seeds of the images in data, in the same order."),
  changes: z.array(change).describe("Differences from the request."),
  warnings: z.array(z.string()),
  slots: z.array(lostSlot).describe("Requested images that are not in data, with the reason."),
})

const image = z.object({ b64_json: z.string().optional(), url: z.string().optional() })

const usage = z
  .looseObject({ total_tokens: z.literal(0) })
  .describe("Zeros: these models count no tokens.")

export const imagesResponse = z.object({
  created: z.int(),
  data: z.array(image).min(1),
  size: z.string().optional(),
  quality: z.string().optional(),
  output_format: z.string().optional(),
  background: z.string().optional(),
  usage,
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
  usage,
  pictor: report.optional().describe("Only in the last event."),
})

export const partialEvent = z
  .object({
    type: z.enum(["image_generation.partial_image", "image_edit.partial_image"]),
    b64_json: z.string(),
    partial_image_index: z.int(),
    created_at: z.int(),
    size: z.string(),
    quality: z.string(),
    output_format: z.string(),
    background: z.string(),
  })
  .describe("A preliminary picture, where the model makes them and partial_images requests some.")

export const reportEvent = z
  .object({ type: z.literal("pictor.report"), pictor: report })
  .describe("The last event if every image has been sent before.")

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
    issues: z.array(issue).optional().describe("All issues of the request."),
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
  .describe(
    "The last event of a request that failed after images were sent. These images are charged.",
  )

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

const described = (name: string, { schema, description }: Parameter): z.ZodType => {
  const parameter = schema.describe(description)
  return name === "model" || name === "prompt" ? parameter : parameter.nullable().optional()
}

/** A request body. Fields that are not in the table belong to the model's own body. */
export const bodySchema = (kind: Kind): z.ZodType =>
  z.looseObject(
    Object.fromEntries(
      Object.entries(parameters[kind]).map(([name, parameter]) => [
        name,
        described(name, parameter),
      ]),
    ),
  )
