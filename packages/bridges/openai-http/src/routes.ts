import { type Outcome, refusal } from "./fault.ts"
import type { Kind } from "./parameters.ts"

export type Route =
  | { readonly name: "images"; readonly kind: Kind; readonly model?: string }
  | { readonly name: "plan" }
  | { readonly name: "models" }
  | { readonly name: "model"; readonly id: string }
  | { readonly name: "openapi" }

interface Row {
  readonly path: RegExp
  readonly methods: readonly string[]
  readonly route: (groups: readonly string[]) => Route
}

const post = ["POST"]
const get = ["GET", "HEAD"]

const rows: readonly Row[] = [
  { path: /^(?:\/v1)?\/images\/(generations|edits)$/, methods: post, route: ([kind]) => ({ name: "images", kind: kind as Kind }) },
  {
    path: /^(?:\/v1)?\/openai\/deployments\/(.+)\/images\/(generations|edits)$/,
    methods: post,
    route: ([model = "", kind]) => ({ name: "images", kind: kind as Kind, model }),
  },
  { path: /^(?:\/v1)?\/images\/plan$/, methods: post, route: () => ({ name: "plan" }) },
  { path: /^(?:\/v1)?\/models$/, methods: get, route: () => ({ name: "models" }) },
  { path: /^(?:\/v1)?\/models\/(.+)$/, methods: get, route: ([id = ""]) => ({ name: "model", id }) },
  { path: /^(?:\/v1)?\/openapi\.json$/, methods: get, route: () => ({ name: "openapi" }) },
]

const noRoute = () =>
  refusal(
    404,
    "unknown_url",
    "There is nothing at this path. POST /v1/images/generations makes images, POST /v1/images/edits changes them, GET /v1/models lists the models.",
  )

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** What a method and a path ask for. */
export const routeOf = (method: string, pathname: string, basePath: string): Outcome<Route> => {
  if (!pathname.startsWith(basePath)) return noRoute()
  const path = pathname.slice(basePath.length)
  for (const row of rows) {
    const found = row.path.exec(path)
    if (!found) continue
    if (!row.methods.includes(method))
      return refusal(405, "method_not_allowed", `This path takes ${row.methods[0]} only.`, { headers: { allow: row.methods.join(", ") } })
    const groups = found.slice(1).map(decoded)
    const known = groups.filter((group) => group !== undefined)
    return known.length === groups.length ? { value: row.route(known) } : noRoute()
  }
  return noRoute()
}
