import { type Outcome, refusal } from "./fault.ts"
import type { Kind } from "./parameters.ts"

export type Route =
  | { readonly name: "images"; readonly kind: Kind; readonly model?: string }
  | { readonly name: "plan" }
  | { readonly name: "models" }
  | { readonly name: "model"; readonly id: string }
  | { readonly name: "openapi" }

interface Row<Found> {
  readonly methods: readonly string[]
  readonly route: Found
}

const post = ["POST"]
const get = ["GET", "HEAD"]

const fixed: ReadonlyMap<string, Row<Route>> = new Map<string, Row<Route>>([
  ["/images/generations", { methods: post, route: { name: "images", kind: "generations" } }],
  ["/images/edits", { methods: post, route: { name: "images", kind: "edits" } }],
  ["/images/plan", { methods: post, route: { name: "plan" } }],
  ["/models", { methods: get, route: { name: "models" } }],
  ["/openapi.json", { methods: get, route: { name: "openapi" } }],
])

/** Paths with a model's name in them. */
const named: readonly (Row<(name: string) => Route> & { readonly path: RegExp })[] = [
  {
    path: /^\/openai\/deployments\/(.+)\/images\/generations$/,
    methods: post,
    route: (model) => ({ name: "images", kind: "generations", model }),
  },
  {
    path: /^\/openai\/deployments\/(.+)\/images\/edits$/,
    methods: post,
    route: (model) => ({ name: "images", kind: "edits", model }),
  },
  { path: /^\/models\/(.+)$/, methods: get, route: (id) => ({ name: "model", id }) },
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

const notTaken = ([first, ...more]: readonly string[]) =>
  refusal(405, "method_not_allowed", `This path takes ${first} only.`, {
    headers: { allow: [first, ...more].join(", ") },
  })

/** What a method and a path ask for. */
export const routeOf = (method: string, pathname: string, basePath: string): Outcome<Route> => {
  if (!pathname.startsWith(basePath)) return noRoute()
  const whole = pathname.slice(basePath.length)
  const path = whole.startsWith("/v1/") ? whole.slice(3) : whole
  const row = fixed.get(path)
  if (row) return row.methods.includes(method) ? { value: row.route } : notTaken(row.methods)
  for (const each of named) {
    const found = each.path.exec(path)?.[1]
    if (found === undefined) continue
    if (!each.methods.includes(method)) return notTaken(each.methods)
    const name = decoded(found)
    return name === undefined ? noRoute() : { value: each.route(name) }
  }
  return noRoute()
}
