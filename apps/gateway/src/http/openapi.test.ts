import { Hono } from "hono"
import { afterAll, describe, expect, it } from "vitest"
import { openWorld } from "../end-to-end/__fixtures__/gateway.ts"
import { json, startServer } from "./__fixtures__/server.ts"
import { createRoutes } from "./routes.ts"

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const world = await openWorld({ general: { masterKey: "sk-1" } })
afterAll(world.close)

const documentOf = async (url: string) =>
  (await (await fetch(`${url}/openapi.json`)).json()) as Document

describe("the OpenAPI document of the gateway", () => {
  it("describes images, keys, budgets, spending, health and metrics", async () => {
    const { paths } = await documentOf(world.url)
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        "/v1/images/generations",
        "/v1/models/{id}",
        "/key/generate",
        "/key/{key}/regenerate",
        "/key/list",
        "/budget/new",
        "/spend/logs",
        "/global/spend/report",
        "/health",
        "/health/readiness",
        "/metrics",
        "/files/{name}",
      ]),
    )
    expect(paths["/key/generate"]?.["post"]).toMatchObject({
      summary: "Creates a key.",
      requestBody: {
        content: {
          "application/json": {
            schema: { properties: { max_budget: expect.anything(), models: expect.anything() } },
          },
        },
      },
    })
  })

  it.each([
    ["get", "/spend/logs", ["start_date", "end_date", "api_key", "request_id", "summarize"]],
    ["get", "/spend/unresolved", ["after"]],
    ["post", "/spend/resolve", ["id", "verdict"]],
    ["get", "/model/deprecations", []],
  ])("describes what %s %s takes: %j", async (method, path, names) => {
    const operation = (await documentOf(world.url)).paths[path]?.[method]
    const { parameters, requestBody } = operation as {
      readonly parameters: readonly { readonly name: string }[]
      readonly requestBody?: {
        readonly content: {
          readonly "application/json": { readonly schema: { readonly properties: object } }
        }
      }
    }
    const fields = requestBody?.content["application/json"].schema.properties ?? {}
    const taken = [...parameters.map(({ name }) => name), ...Object.keys(fields)]
    expect(taken).toEqual(expect.arrayContaining([...names]))
  })

  it("describes each route by a sentence", async () => {
    const { paths } = await documentOf(world.url)
    const undescribed = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, operation]) =>
        method === "parameters" || /^[A-Z].*\.$/.test((operation as { summary: string }).summary)
          ? []
          : [`${method} ${path}`],
      ),
    )
    expect(undescribed).toEqual([])
  })

  it("has every route, also one that is mounted later", async () => {
    const admin = new Hono().get("/key/later", (context) => context.text("later"))
    const bridge = { paths: { "/v1/models": { get: { summary: "Lists the models." } } } }
    const server = await startServer({ admin, respond: async () => json(bridge) })
    const { paths } = await documentOf(server.url)
    const documented = createRoutes(server.parts)
      .filter(({ label }) => label !== "docs" && label !== "openapi.json")
      .map(({ path }) => path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}"))
    for (const path of documented)
      expect([path, paths[path] ?? paths[`/v1${path}`]]).toEqual([path, expect.anything()])
    expect(paths["/key/later"]).toBeDefined()
    await server.close()
  })
})
