import type { JsonObject } from "@pictor/core"
import type { OpenaiHttp } from "@pictor/openai-http"
import { adminOperation } from "../admin/openapi.ts"

/** A route of the gateway's table. */
interface Described {
  /** In Hono's syntax. */
  readonly path: string
  readonly label: string
  /** By method. */
  readonly handlers: object
}

const inQuery = (name: string) => ({ name, in: "query", schema: { type: "string" } })

/** Routes of the gateway that are neither the bridge's nor administration. */
const own: Readonly<Record<string, JsonObject>> = {
  "/health": {
    summary: "Lists the deployments that can and cannot be called.",
    parameters: [inQuery("model"), inQuery("probe")],
  },
  "/health/liveliness": { summary: "Answers while the process runs." },
  "/health/liveness": { summary: "Answers while the process runs." },
  "/health/readiness": { summary: "Says whether requests can be served." },
  "/metrics": { summary: "Metrics in Prometheus's text format." },
  "/files/{name}": {
    summary: "An image, by the signed link of an answer.",
    parameters: [inQuery("expires"), inQuery("signature")],
  },
}

/** The document and the page do not describe themselves. */
const undocumented: ReadonlySet<string> = new Set(["openapi.json", "docs"])

/** `/models/:id{.+}` → `/models/{id}` */
const documentedPath = (path: string): string => path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}")

const operationOf = (method: string, path: string): JsonObject => {
  const operation: JsonObject = own[path] ?? adminOperation(method, path)
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name)
  const inPath = names.map((name) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }))
  const { parameters = [] } = operation
  return {
    ...operation,
    parameters: [
      ...inPath,
      ...(Array.isArray(parameters) ? (parameters as readonly unknown[]) : []),
    ],
    responses: { 200: { description: "Success." }, default: { description: "An error." } },
  }
}

type Paths = Readonly<Record<string, JsonObject>>

/** The bridge's OpenAPI document, with every other route of the gateway. */
export const openapiDocument = async (
  bridge: OpenaiHttp,
  routes: readonly Described[],
): Promise<JsonObject> => {
  const response = await bridge.fetch(new Request("http://localhost/openapi.json"))
  const document = (await response.json()) as JsonObject & { readonly paths?: Paths }
  const paths: Record<string, JsonObject> = { ...document.paths }
  for (const { path: pattern, handlers, label } of routes) {
    const path = documentedPath(pattern)
    // Every path of the bridge also works without /v1, and with it.
    const known = [path, `/v1${path}`, path.replace(/^\/v1/, "")].some(
      (each) => document.paths?.[each],
    )
    if (known || undocumented.has(label)) continue
    const operations = Object.keys(handlers).map((method) => [
      method.toLowerCase(),
      operationOf(method, path),
    ])
    paths[path] = { ...paths[path], ...(Object.fromEntries(operations) as JsonObject) }
  }
  return { ...document, paths }
}
