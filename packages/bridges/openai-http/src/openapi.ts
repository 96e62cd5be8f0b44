import type { JsonObject } from "@pictor/core"
import { z } from "zod"
import { isJsonObject } from "./json.ts"
import {
  bodySchema,
  completedEvent,
  errorEvent,
  errorResponse,
  imagesResponse,
  model,
  modelList,
  partialEvent,
  plan,
  reportEvent,
} from "./schemas.ts"

const toJsonSchema = (schema: z.ZodType): JsonObject => {
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, { io: "input" })
  return rest
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const json = (name: string) => ({ "application/json": { schema: ref(name) } })

const failures = Object.fromEntries(
  Object.entries({
    400: "The request is invalid, with all its issues, or moderation blocked it.",
    401: "The API key is missing or invalid.",
    403: "The client may not use this model.",
    404: "The model does not exist.",
    409: "A request with this Idempotency-Key is in progress, or its images are no longer stored.",
    413: "The request body is too large.",
    415: "The content type is not supported, or the body is compressed.",
    422: "The Idempotency-Key belongs to a different request.",
    429: "Too many requests, or a budget is exceeded.",
    502: "The model's provider failed.",
    503: "Unavailable. If Retry-After is present, retry after that many seconds.",
    504: "The time limit passed.",
  }).map(([status, description]) => [status, { description, content: json("Error") }]),
)

const file = { type: "string", format: "binary" }

/** The same fields as a form, whose images are files. */
const asForm = (body: JsonObject): JsonObject => {
  const properties = isJsonObject(body["properties"]) ? body["properties"] : {}
  const { images: _images, ...rest } = properties
  return {
    ...body,
    properties: { ...rest, image: { oneOf: [file, { type: "array", items: file }] }, mask: file },
  }
}

/** The body of a route whose path names the model. */
const withoutModel = ({ required, ...rest }: JsonObject): JsonObject => ({
  ...rest,
  required: Array.isArray(required) ? required.filter((name) => name !== "model") : [],
})

const events = ["PartialEvent", "CompletedEvent", "ReportEvent", "ErrorEvent"].map(ref)

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  description: "A repeated request with the same key is charged once.",
  schema: { type: "string", maxLength: 255 },
}

const images = (summary: string, content: JsonObject) => ({
  post: {
    summary,
    parameters: [idempotencyKey],
    requestBody: { required: true, content },
    responses: {
      200: {
        description: "The images.",
        content: { ...json("ImagesResponse"), "text/event-stream": { schema: { oneOf: events } } },
      },
      ...failures,
    },
  },
})

const inPath = (name: string) => ({ name, in: "path", required: true, schema: { type: "string" } })

const read = (summary: string, name: string, parameters: readonly JsonObject[] = []) => ({
  get: {
    summary,
    parameters,
    responses: {
      200: { description: summary, content: json(name) },
      401: failures["401"],
      404: failures["404"],
    },
  },
})

const form = (name: string) => ({ "multipart/form-data": { schema: ref(name) } })
const generations = json("GenerationRequest")
const edits = { ...form("EditForm"), ...json("EditRequest") }
const generate = "Generates images from a prompt."
const edit = "Edits images."
const vary = "Makes variations of an image, with a model that needs no prompt for them."

const generationBody = toJsonSchema(bodySchema("generations"))
const editBody = toJsonSchema(bodySchema("edits"))

/** The OpenAPI 3.1 document of all routes, from the schemas that also validate requests. */
export const openapiDocument = (basePath: string) => ({
  openapi: "3.1.0",
  info: {
    title: "OpenAI's Images API over Pictor",
    version: "1",
    description: "Every path also works without /v1.",
  },
  servers: [{ url: basePath || "/" }],
  // The host decides whether it requires a key.
  security: [{}, { bearer: [] }],
  paths: {
    "/v1/images/generations": images(generate, generations),
    "/v1/images/edits": images(edit, edits),
    "/v1/images/variations": images(vary, edits),
    "/v1/images/plan": {
      post: {
        summary:
          "Shows what a request would send and cost. Nothing is sent and nothing is charged.",
        requestBody: { required: true, content: { ...edits, ...generations } },
        responses: { 200: { description: "The plan.", content: json("Plan") }, ...failures },
      },
    },
    "/openai/deployments/{model}/images/generations": {
      parameters: [inPath("model")],
      ...images(generate, json("DeploymentGenerationRequest")),
    },
    "/openai/deployments/{model}/images/edits": {
      parameters: [inPath("model")],
      ...images(edit, { ...form("DeploymentEditForm"), ...json("DeploymentEditRequest") }),
    },
    "/openai/deployments/{model}/images/variations": {
      parameters: [inPath("model")],
      ...images(vary, { ...form("DeploymentEditForm"), ...json("DeploymentEditRequest") }),
    },
    "/v1/models": read("Lists the models.", "ModelList"),
    "/v1/models/{id}": read("Describes a model: its capabilities, lifecycle and prices.", "Model", [
      inPath("id"),
    ]),
  },
  components: {
    schemas: {
      GenerationRequest: generationBody,
      EditRequest: editBody,
      EditForm: asForm(editBody),
      DeploymentGenerationRequest: withoutModel(generationBody),
      DeploymentEditRequest: withoutModel(editBody),
      DeploymentEditForm: asForm(withoutModel(editBody)),
      ImagesResponse: toJsonSchema(imagesResponse),
      CompletedEvent: toJsonSchema(completedEvent),
      PartialEvent: toJsonSchema(partialEvent),
      ReportEvent: toJsonSchema(reportEvent),
      ErrorEvent: toJsonSchema(errorEvent),
      Plan: toJsonSchema(plan),
      Model: toJsonSchema(model),
      ModelList: toJsonSchema(modelList),
      Error: toJsonSchema(errorResponse),
    },
    securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
  },
})
