import { describe, expect, it } from "vitest"
import { acme } from "./__fixtures__/family.ts"
import { errorOf, imagesOf } from "./__fixtures__/reading.ts"
import { studio } from "./__fixtures__/studio.ts"
import { modelList, model as modelSchema } from "./schemas.ts"

const listOf = async (response: Response) => modelList.parse(await response.json())
const ids = async (made: ReturnType<typeof studio>) =>
  (await listOf(await made.send("/v1/models"))).data.map(({ id }) => id)
const groups = () => [
  { id: "draw/fast: 1", model: "acme.brush-v1:0" },
  { id: "cut out", model: "acme.eraser-v1:0" },
  { id: "mystery" },
]

describe("GET /v1/models", () => {
  it("lists every model of the client's adapters", async () => {
    const { object, data } = await listOf(await studio().send("/v1/models"))
    expect(object).toBe("list")
    expect(data.map(({ id }) => id)).toEqual([
      "acme.brush-v1:0",
      "acme.ratio-v1:0",
      "acme.eraser-v1:0",
      "acme.style-v1:0",
      "acme.transfer-v1:0",
      "acme.search-v1:0",
      "acme.retouch-v1:0",
    ])
    expect(data[0]).toMatchObject({
      object: "model",
      owned_by: "acme",
      created: Date.parse("2026-11-20") / 1000,
      pictor: {
        lifecycle: "active",
        tasks: ["text-to-image", "color-guided", "image-to-image", "outpaint", "inpaint"],
      },
    })
  })

  it("lists the host's models, also unknown ones", async () => {
    const { data } = await listOf(await studio({ bridge: { models: groups } }).send("/models"))
    expect(data.map(({ id, pictor }) => [id, pictor?.model])).toEqual([
      ["draw/fast: 1", "acme.brush-v1:0"],
      ["cut out", "acme.eraser-v1:0"],
      ["mystery", undefined],
    ])
  })

  it("lists only the models that the client may use", async () => {
    expect(
      await ids(
        studio({ bridge: { models: groups }, context: { mayUse: (id) => id === "cut out" } }),
      ),
    ).toEqual(["cut out"])
  })
})

describe("GET /v1/models/{id}", () => {
  it.each(["draw/fast: 1", "draw%2Ffast%3A%201", "draw/fast:%201"])(
    "finds a model with encoded characters: %s",
    async (name) => {
      const made = studio({ bridge: { models: groups } })
      const model = modelSchema.parse(await (await made.send(`/v1/models/${name}`)).json())
      expect(model).toMatchObject({
        id: "draw/fast: 1",
        pictor: {
          model: "acme.brush-v1:0",
          lifecycle: { status: "active" },
          regions: ["north-1"],
          prices: [{ quality: "standard", microUsd: 40_000 }, { quality: "premium" }],
          tasks: {
            "text-to-image": {
              images_per_call: 2,
              parameters: { properties: { size: { type: "string" } } },
            },
          },
        },
      })
    },
  )

  it("resolves the client's alias", async () => {
    const context = {
      resolveAlias: (name: string) => (name === "mine" ? "cut out" : name),
      mayUse: (name: string) => name === "mine",
    }
    const made = studio({ bridge: { models: groups }, context })
    expect(await (await made.send("/v1/models/mine")).json()).toMatchObject({
      id: "mine",
      pictor: { model: "acme.eraser-v1:0" },
    })
    expect((await made.send("/v1/models/cut%20out")).status).toBe(404)
  })

  it("finds a model by an alias of core", async () => {
    expect(await (await studio().send("/v1/models/brush")).json()).toMatchObject({
      id: "brush",
      pictor: { model: "acme.brush-v1:0" },
    })
  })

  it.each([
    ["for an unknown model", {}, "acme.brus-v1:0", "acme.brush-v1:0"],
    ["for a model that the host does not list", { bridge: { models: groups } }, "brush", "cut out"],
    [
      "for a model that the client may not use",
      { bridge: { models: groups }, context: { mayUse: (id: string) => id === "mystery" } },
      "cut out",
      "mystery",
    ],
    [
      "when the client may use no model",
      { context: { mayUse: () => false } },
      "brush",
      "No model is available to you",
    ],
  ])("returns 404 %s", async (_, options, id, words) => {
    const error = await errorOf(await studio(options).send(`/v1/models/${encodeURIComponent(id)}`))
    expect(error).toMatchObject({ status: 404, code: "model_not_found", param: "model" })
    expect(error.message).toContain(words)
  })
})

describe("the model of a request", () => {
  const prompt = "A lighthouse"
  const hidden = { mayUse: (id: string) => id === "cut out" }

  it.each(["acme.brush-v1:0", "nonsense"])(
    "is rejected alike whether it exists or not when the client may not use it: %s",
    async (model) => {
      const made = studio({ context: hidden })
      const error = await errorOf(await made.generate({ model, prompt }))
      expect(error).toMatchObject({
        status: 403,
        code: "model_not_allowed",
        param: "model",
        type: "permission_error",
      })
      expect(error.message.replace(model, "…")).toBe(
        'You do not have access to model "…". No model is available to you.',
      )
      expect(made.calls).toEqual([])
    },
  )

  it("gets suggestions from the visible models when it does not exist", async () => {
    const { message } = await errorOf(
      await studio({ bridge: { models: groups } }).generate({ model: "cut", prompt }),
    )
    expect(message).toContain("cut out")
    expect(message).not.toContain("acme")
  })

  it.each([undefined, null, "", 7, ["acme.brush-v1:0"]])("is missing as %j", async (model) => {
    const error = await errorOf(await studio().generate({ model, prompt }))
    expect(error).toMatchObject({
      status: 400,
      code: "missing_required_parameter",
      param: "model",
    })
    expect(error.message).toContain("acme.brush-v1:0")
    expect(error.issues?.map(({ param }) => param)).toEqual(["model"])
  })

  it.each([
    [{}, ["model", "prompt"]],
    [{ n: 0, prompt: 5, response_format: "xml" }, ["model", "prompt", "n", "response_format"]],
    [
      { prompt, response_format: "url", output_format: "svg" },
      ["model", "output_format", "response_format"],
    ],
    [{ textToImageParams: { text: prompt }, quality: 1 }, ["model", "quality"]],
  ])("is reported as missing with all other issues: %j", async (body, params) => {
    const { param, issues } = await errorOf(await studio().generate(body))
    expect(param).toBe("model")
    expect(issues?.map((issue) => issue.param).toSorted()).toEqual(params.toSorted())
  })

  it.each([
    "../../etc/passwd",
    "acme.brush-v1:0\u0000",
    "__proto__",
    "é".repeat(300),
    "a\r\nx-evil: 1",
  ])("cannot inject anything: %j", async (model) => {
    const response = await studio().generate({ model, prompt })
    expect(await errorOf(response)).toMatchObject({ status: 404, code: "model_not_found" })
    expect(response.headers.get("x-evil")).toBeNull()
  })

  it.each([
    ["the listed one", "cut out", {}],
    ["one that is not listed", "scissors", {}],
    [
      "the caller's own",
      "mine",
      { resolveAlias: (name: string) => (name === "mine" ? "cut out" : name) },
    ],
  ])(
    "is passed to core as requested, and its card decides the task: %s",
    async (_, model, context) => {
      const asked: string[] = []
      const toCard = {
        name: "router",
        request: <Out>(
          request: { readonly model: string },
          next: (request: never) => Promise<Out>,
        ) => {
          asked.push(request.model)
          return next({ ...request, model: "acme.eraser-v1:0" } as never)
        },
      }
      const models = () => [
        ...groups(),
        { id: "scissors", model: "acme.eraser-v1:0", hidden: true },
      ]
      const made = studio({ bridge: { models }, client: { middleware: [toCard] }, context })
      expect(await ids(made)).not.toContain("scissors")
      const image =
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAUklEQVR42u3PQQkAAAgAsetfWiv4FgYrsKZeS0BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQOCyzGwIwLBX0dcAAAAASUVORK5CYII="
      const response = await made.json("/v1/images/edits", { model, image })
      expect(response.headers.get("x-litellm-model-group")).toBe(model)
      expect((await imagesOf(response)).pictor.model).toBe("acme.eraser-v1:0")
      expect(asked).toEqual([model])
    },
  )
})

it("suggests living models before retired ones to a request that names none", async () => {
  const adapter = acme({ name: "none", invoke: () => Promise.reject(new Error("no network")) })
  const [first, ...others] = adapter.models
  const models = [{ ...first, lifecycle: { status: "retired" } }, ...others]
  const made = studio({ client: { adapters: [{ ...adapter, models }] as never } })
  const { message } = await errorOf(await made.generate({ prompt: "tea" }))
  expect(message).toContain(`such as ${others[0]?.id}`)
})
