import { z } from "zod"
import {
  bodySchema,
  completedEvent,
  errorEvent,
  errorResponse,
  imagesResponse,
  model,
  modelList,
  plan,
  reportEvent,
} from "./schemas.ts"
import { type Fields, isFields } from "./values.ts"

const ofSchema = (schema: z.ZodType): Fields => {
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, { io: "input" })
  return rest
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const json = (name: string) => ({ "application/json": { schema: ref(name) } })

const failures = Object.fromEntries(
  Object.entries({
    400: "Something is wrong with the request, or it was filtered; all of it is listed.",
    401: "The host knows no such key.",
    403: "The caller may not use this model.",
    404: "There is no such model.",
    409: "A request with this Idempotency-Key is under way, or its images are no longer kept.",
    413: "The body is too large.",
    415: "The body is of another type, or compressed.",
    422: "The Idempotency-Key belongs to another request.",
    429: "Too many requests, or a budget is spent.",
    502: "The model's provider failed.",
    503: "Try again after Retry-After seconds.",
    504: "The time was up.",
  }).map(([status, description]) => [status, { description, content: json("Error") }]),
)

const file = { type: "string", format: "binary" }

/** The same fields as a form, whose images are files. */
const asForm = (body: Fields): Fields => {
  const properties = isFields(body["properties"]) ? body["properties"] : {}
  const { images: _images, ...rest } = properties
  return {
    ...body,
    properties: { ...rest, image: { oneOf: [file, { type: "array", items: file }] }, mask: file },
  }
}

const events = ["CompletedEvent", "ReportEvent", "ErrorEvent"].map(ref)

const idempotencyKey = {
  name: "Idempotency-Key",
  in: "header",
  description: "The same request with the same key is paid for once.",
  schema: { type: "string", maxLength: 255 },
}

const images = (summary: string, content: Fields) => ({
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

const read = (summary: string, name: string, parameters: readonly Fields[] = []) => ({
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

const inPath = (name: string) => ({ name, in: "path", required: true, schema: { type: "string" } })

const generations = json("GenerationRequest")
const edits = { "multipart/form-data": { schema: ref("EditForm") }, ...json("EditRequest") }
const making = "Makes images out of words."
const changing = "Changes images."
const atDeployment = (item: ReturnType<typeof images>) => ({
  parameters: [inPath("model")],
  ...item,
})

const generationBody = ofSchema(bodySchema("generations"))
const editBody = ofSchema(bodySchema("edits"))

/** The body where the path names the model. */
const unnamed = ({ required, ...rest }: Fields): Fields => ({
  ...rest,
  required: Array.isArray(required) ? required.filter((name) => name !== "model") : [],
})

/** The OpenAPI 3.1 document of all routes, out of the schemas that read and check them. */
export const openapiDocument = (basePath: string) => ({
  openapi: "3.1.0",
  info: {
    title: "OpenAI's Images API over Pictor",
    version: "1",
    description: "Every path is also there without /v1.",
  },
  servers: [{ url: basePath || "/" }],
  // Whether a key is needed is the host's affair.
  security: [{}, { bearer: [] }],
  paths: {
    "/v1/images/generations": images(making, generations),
    "/v1/images/edits": images(changing, edits),
    "/v1/images/plan": {
      post: {
        summary: "What a request would do and cost: nothing is sent, nothing is charged.",
        requestBody: { required: true, content: { ...edits, ...generations } },
        responses: { 200: { description: "The plan.", content: json("Plan") }, ...failures },
      },
    },
    "/openai/deployments/{model}/images/generations": atDeployment(
      images(making, json("DeploymentGenerationRequest")),
    ),
    "/openai/deployments/{model}/images/edits": atDeployment(
      images(changing, {
        "multipart/form-data": { schema: ref("DeploymentEditForm") },
        ...json("DeploymentEditRequest"),
      }),
    ),
    "/v1/models": read("The models.", "ModelList"),
    "/v1/models/{id}": read(
      "One model: what it can do, how long it lives, what it costs.",
      "Model",
      [inPath("id")],
    ),
  },
  components: {
    schemas: {
      GenerationRequest: generationBody,
      EditRequest: editBody,
      EditForm: asForm(editBody),
      DeploymentGenerationRequest: unnamed(generationBody),
      DeploymentEditRequest: unnamed(editBody),
      DeploymentEditForm: asForm(unnamed(editBody)),
      ImagesResponse: ofSchema(imagesResponse),
      CompletedEvent: ofSchema(completedEvent),
      ReportEvent: ofSchema(reportEvent),
      ErrorEvent: ofSchema(errorEvent),
      Plan: ofSchema(plan),
      Model: ofSchema(model),
      ModelList: ofSchema(modelList),
      Error: ofSchema(errorResponse),
    },
    securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
  },
})
