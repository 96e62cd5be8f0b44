import { Validator } from "@seriousme/openapi-schema-validator"
import { describe, expect, it } from "vitest"
import { studio } from "./__fixtures__/studio.ts"
import { openapiDocument } from "./openapi.ts"
import { parameters } from "./parameters.ts"

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(structuredClone(openapiDocument("/api")))
    expect(errors).toBeUndefined()
    expect([valid, validator.version]).toEqual([true, "3.1"])
  })

  it("describes every parameter", () => {
    const { GenerationRequest, EditForm } = openapiDocument("").components
      .schemas as unknown as Record<
      string,
      { properties: Record<string, unknown>; required: string[] }
    >
    expect(Object.keys(GenerationRequest?.properties ?? {})).toEqual(
      Object.keys(parameters.generations),
    )
    expect(GenerationRequest?.required).toEqual(["model", "prompt"])
    expect(GenerationRequest?.properties["n"]).toMatchObject({
      anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }],
    })
    expect(JSON.stringify(GenerationRequest?.properties["seed"])).toContain("0 is a seed")
    expect(EditForm?.properties["mask"]).toEqual({ type: "string", format: "binary" })
  })

  it("requires model in the body unless the path names it", () => {
    const { paths, components } = openapiDocument("")
    const schemas: Record<string, { readonly required?: unknown }> = components.schemas
    const required = (
      path:
        | "/v1/images/generations"
        | "/v1/images/edits"
        | `/openai/deployments/{model}/images/${"generations" | "edits"}`,
    ) =>
      [...JSON.stringify(paths[path].post.requestBody).matchAll(/schemas\/(\w+)/g)].map(
        ([, name = ""]) => schemas[name]?.required,
      )
    expect(required("/v1/images/generations")).toEqual([["model", "prompt"]])
    expect(required("/v1/images/edits")).toEqual([
      ["model", "prompt"],
      ["model", "prompt"],
    ])
    expect(required("/openai/deployments/{model}/images/generations")).toEqual([["prompt"]])
    expect(required("/openai/deployments/{model}/images/edits")).toEqual([["prompt"], ["prompt"]])
  })

  it("lists only existing routes", async () => {
    const made = studio()
    for (const [path, item] of Object.entries(openapiDocument("").paths)) {
      const method = "post" in item ? "POST" : "GET"
      const response = await made.send(path.replace(/\{\w+\}/, "acme.brush-v1:0"), { method })
      expect([path, [404, 405].includes(response.status)]).toEqual([path, false])
    }
  })

  it("is served at /openapi.json", async () => {
    expect(
      await (await studio({ bridge: { basePath: "/api" } }).send("/api/openapi.json")).json(),
    ).toMatchObject({
      openapi: "3.1.0",
      servers: [{ url: "/api" }],
    })
  })
})
