import {
  acceptedContent,
  type CallToolResult,
  fromJsonSchema,
  type InputRequiredResult,
  inputRequired,
  McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server"
import {
  formatUsd,
  ImageError,
  type ImageRequest,
  isImageError,
  type JsonObject,
  type ModelCard,
  type Plan,
} from "@pictor/core"
import { checkOptionNames, toEditFields } from "@pictor/core/host"
import { type Budget, createBudget } from "./budget.ts"
import { toToolError, toToolResult, usdOf } from "./content.ts"
import { editSchema, generateSchema, planSchema } from "./schemas.ts"
import type { PictorMcpOptions } from "./types.ts"

/**
 * Creates the factory of a server, for `serveStdio` and `createMcpHandler` of
 * `@modelcontextprotocol/server`. All its servers share one budget.
 */
export const createPictorMcp = (options: PictorMcpOptions): (() => McpServer) => {
  checkOptionNames("createPictorMcp", options, optionNames)
  const { budgetUsd } = options
  const budget = createBudget(budgetUsd === undefined ? undefined : toMicroUsd(budgetUsd))
  const { pictor } = options
  const schemas = {
    generate: fromJsonSchema<JsonObject>(generateSchema(pictor)),
    edit: fromJsonSchema<JsonObject>(editSchema(pictor)),
    plan: fromJsonSchema<JsonObject>(planSchema(pictor)),
  }
  return () => {
    const server = new McpServer({ name: "pictor", version: "0.1.0" })
    registerDrawing(server, schemas, options, budget)
    registerReading(server, schemas.plan, options, budget)
    return server
  }
}

const optionNames = {
  pictor: true,
  imageStore: true,
  imageOps: true,
  fetchImage: true,
  ledger: true,
  budgetUsd: true,
  confirmAboveUsd: true,
  account: true,
} as const

type Schema = ReturnType<typeof fromJsonSchema<JsonObject>>
type ToolResult = CallToolResult | InputRequiredResult

const toMicroUsd = (usd: number): number => {
  if (Number.isFinite(usd) && usd >= 0) return Math.round(usd * 1_000_000)
  throw new ImageError({
    code: "invalid_request",
    message: "createPictorMcp: budgetUsd and confirmAboveUsd must be dollars from 0.",
  })
}

/** What costs money is neither read-only nor the same if it is repeated. */
const drawing = { readOnlyHint: false, destructiveHint: false, idempotentHint: false } as const
const reading = { readOnlyHint: true, idempotentHint: true } as const

const registerDrawing = (
  server: McpServer,
  schemas: { readonly generate: Schema; readonly edit: Schema },
  options: PictorMcpOptions,
  budget: Budget,
): void => {
  const draw = (fields: JsonObject, context: ServerContext): Promise<ToolResult> =>
    answering(() => generate(fields, server, context, options, budget))
  server.registerTool(
    "generate_image",
    {
      title: "Generate images",
      description:
        "Makes images from words. The reply has links to the images, small previews, seeds and costs.",
      inputSchema: schemas.generate,
      annotations: { ...drawing, openWorldHint: true },
    },
    draw,
  )
  server.registerTool(
    "edit_image",
    {
      title: "Edit an image",
      description: "Changes an image: in an area, around it, its colours, its size and more.",
      inputSchema: schemas.edit,
      annotations: { ...drawing, openWorldHint: true },
    },
    draw,
  )
}

const registerReading = (
  server: McpServer,
  schema: Schema,
  options: PictorMcpOptions,
  budget: Budget,
): void => {
  server.registerTool(
    "plan_image",
    {
      title: "Plan images",
      description: "Says what a request would send, change and cost. Sends and charges nothing.",
      inputSchema: schema,
      annotations: { ...reading, openWorldHint: false },
    },
    (fields, { mcpReq: { signal } }) =>
      answering(async () =>
        planResult(await options.pictor.plan(await toRequest(fields, signal, options))),
      ),
  )
  server.registerTool(
    "list_models",
    {
      title: "List models",
      description: "The models with their tasks, lifecycle and sizes.",
      annotations: { ...reading, openWorldHint: false },
    },
    () => structured({ models: options.pictor.models().map((card) => describe(card, options)) }),
  )
  server.registerTool(
    "spend_report",
    {
      title: "Report the spending",
      description: "What this server has spent and may spend, and what the ledger has by model.",
      annotations: { ...reading, openWorldHint: false },
    },
    () => answering(() => reportSpending(options, budget)),
  )
}

/** What is wrong with a request is an answer, so that the model can correct it. */
const answering = async (work: () => Promise<ToolResult>): Promise<ToolResult> => {
  try {
    return await work()
  } catch (error) {
    if (isImageError(error)) return toToolError(error)
    throw error
  }
}

const structured = (content: JsonObject): CallToolResult => ({
  content: [{ type: "text", text: JSON.stringify(content) }],
  structuredContent: content,
})

const generate = async (
  fields: JsonObject,
  server: McpServer,
  context: ServerContext,
  options: PictorMcpOptions,
  budget: Budget,
): Promise<ToolResult> => {
  const { pictor } = options
  const { signal } = context.mcpReq
  const plan = await pictor.plan(await toRequest(fields, signal, options))
  const question = confirmation(plan, server, context, options)
  if (question) return question
  const settle = budget.reserve(plan.estimate)
  const result = await pictor.run(plan, { signal }).catch((error: unknown) => {
    // An error without a cost was rejected before anything was sent.
    settle(isImageError(error) ? (error.cost ?? nothing) : plan.estimate)
    throw error
  })
  settle(result.cost)
  return toToolResult(result, options)
}

const nothing = { microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 }

const confirmSchema = {
  type: "object" as const,
  properties: { confirm: { type: "boolean" as const, title: "Make the images" } },
  required: ["confirm"],
}

/** The question to the person at the client, if the request is dear and nobody has agreed yet. */
const confirmation = (
  { estimate, model, n }: Plan,
  server: McpServer,
  { mcpReq: { inputResponses } }: ServerContext,
  { confirmAboveUsd }: PictorMcpOptions,
): ToolResult | undefined => {
  if (confirmAboveUsd === undefined) return undefined
  const isDear = estimate.unpricedImages > 0 || estimate.microUsd > toMicroUsd(confirmAboveUsd)
  if (!isDear || acceptedContent(inputResponses, "confirm")?.["confirm"] === true) return undefined
  const price = `${n === 1 ? "1 image" : `${n} images`} by ${model} for ${formatUsd(estimate)}`
  if (inputResponses?.["confirm"] !== undefined)
    return toToolError(rejected(`${price}: this was not confirmed, and nothing was made.`))
  // oxlint-disable-next-line typescript/no-deprecated -- Clients of 2025 say it nowhere else.
  const capabilities = server.server.getClientCapabilities()
  if (!capabilities?.elicitation)
    return toToolError(
      rejected(
        `${price}: above $${confirmAboveUsd} a person has to confirm, and this client cannot ask one. Request fewer or cheaper images.`,
      ),
    )
  const ask = inputRequired.elicit({ message: `Make ${price}?`, requestedSchema: confirmSchema })
  return inputRequired({ inputRequests: { confirm: ask } })
}

const rejected = (message: string): ImageError => new ImageError({ code: "forbidden", message })

const toRequest = async (
  given: JsonObject,
  signal: AbortSignal,
  { pictor, imageOps, fetchImage, account }: PictorMcpOptions,
): Promise<ImageRequest> => {
  const { image, images, mask, ...rest } = given
  // The account is the host's, and so is what is charged to it.
  const fields = { ...rest, account }
  const pictures = [image, images].flat().filter((each) => each !== undefined)
  if (pictures.length === 0 && mask === undefined) return fields as unknown as ImageRequest
  const sources = {
    images: pictures.map(toSource),
    mask: mask === undefined ? undefined : toSource(mask),
  }
  const card = findCard(pictor, String(given["model"]))
  const edit = await toEditFields(fields, sources, { card, imageOps, fetchImage, signal })
  return edit as unknown as ImageRequest
}

const toSource = (value: unknown): string | URL => {
  const text = String(value)
  return /^(https?|file):\/\//.test(text) && URL.canParse(text) ? new URL(text) : text
}

const findCard = (pictor: PictorMcpOptions["pictor"], id: string): ModelCard | undefined => {
  try {
    return pictor.model(id).card
  } catch {
    return undefined
  }
}

const planResult = ({ estimate, model, task, calls, changes, warnings }: Plan): CallToolResult =>
  structured({
    model,
    task,
    calls: calls.length,
    costUsd: usdOf(estimate),
    isUpperBound: estimate.basis === "upper-bound",
    changes: changes.map(({ field, action, why }) => `${field} is ${action}: ${why}`),
    warnings,
  })

const describe = ({ id, tasks }: ModelCard, { pictor }: PictorMcpOptions): JsonObject => ({
  id,
  tasks: Object.keys(tasks),
  lifecycle: pictor.model(id).lifecycle,
})

const reportSpending = async (
  { ledger }: PictorMcpOptions,
  { spent, limitMicroUsd }: Budget,
): Promise<CallToolResult> => {
  const { microUsd, maybeMicroUsd, unpricedImages } = spent()
  const rows = (await ledger?.spend({ by: ["model"] })) ?? []
  return structured({
    server: {
      spentUsd: microUsd / 1_000_000,
      maybeUsd: maybeMicroUsd / 1_000_000,
      unpricedImages,
      ...(limitMicroUsd !== undefined && { budgetUsd: limitMicroUsd / 1_000_000 }),
    },
    ledger: rows.map((row) => ({
      model: row.group["model"],
      calls: row.calls,
      images: row.images,
      costUsd: usdOf(row),
    })),
  })
}
