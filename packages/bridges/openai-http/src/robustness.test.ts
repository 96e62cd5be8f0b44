import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { runs } from "./__fixtures__/scale.ts"
import { base64, file, form, healthy, picture, reply, studio } from "./__fixtures__/studio.ts"
import { parameters } from "./parameters.ts"
import { errorResponse, imagesResponse } from "./schemas.ts"

const settings = { seed: 20_261_120, numRuns: runs(4000) }
const word = "canary-7f3a"
const models = ["acme.brush-v1:0", "acme.ratio-v1:0", "acme.eraser-v1:0", "brush"]
const names = [
  ...Object.keys(parameters.edits),
  "taskType",
  "config",
  "textParams",
  "inParams",
  "varyParams",
  "colorParams",
]

const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    0,
    1,
    2,
    3,
    -1,
    1e9,
    0.5,
    true,
    false,
    null,
    "",
    "auto",
    "256x256",
    "1:1",
    "TEXT",
    "COLOR",
    "IN",
    "VARY",
    "png",
    "url",
    "b64_json",
    "strict",
  ),
  fc.string(),
  fc.double(),
)
const json = fc.oneof(
  scalar,
  fc.jsonValue({ maxDepth: 4 }),
  fc.constant([base64(picture())]),
  fc.constant({ image_url: base64(picture()) }),
  fc.constant(base64(picture("a hole"))),
)
const fields = fc.dictionary(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.string() },
  ),
  json,
  {
    maxKeys: 8,
  },
)
const body = fc
  .record({ model: fc.constantFrom(...models), prompt: fc.constant(word), more: fields })
  .map(({ model, prompt, more }) => ({ model, prompt, ...more }))
const path = fc.constantFrom("/v1/images/generations", "/v1/images/edits", "/v1/images/plan")

/** The response is valid, not a server error, and a success has an image. */
const checked = async (response: Response): Promise<number> => {
  const text = await response.text()
  expect(response.status).toBeLessThan(500)
  expect(response.headers.get("content-length")).toBe(
    String(new TextEncoder().encode(text).byteLength),
  )
  expect(response.headers.get("x-request-id")).toMatch(/^req_/)
  if (response.status !== 200) errorResponse.parse(JSON.parse(text))
  else if (response.headers.get("content-type")?.startsWith("text/event-stream"))
    expect(text).toMatch(/^event: image_(generation|edit)\.completed\ndata: \{/)
  else if (!text.includes('"resolved"')) imagesResponse.parse(JSON.parse(text))
  return response.status
}

describe("a random request", () => {
  it("as JSON gets a valid response", async () => {
    const seen = new Set<number>()
    await fc.assert(
      fc.asyncProperty(path, body, async (to, sent) => {
        seen.add(await checked(await studio().json(to, sent)))
      }),
      settings,
    )
    expect([...seen]).toEqual(expect.arrayContaining([200, 400]))
  })

  it("as a form gets a valid response", async () => {
    const seen = new Set<number>()
    const value = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom("1", "true", "256x256", "-"),
      fc.constantFrom(file(), file(picture("a hole")), file(new Uint8Array([1]))),
    )
    const key = fc
      .tuple(
        fc.constantFrom(...names),
        fc.constantFrom("", "[]", "[a]", "[options]", "[task]", "[seed]", "[a][b]", "[", "]"),
      )
      .map((pair) => pair.join(""))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...models),
        fc.dictionary(key, value, { maxKeys: 6 }),
        async (model, more) => {
          const sent = form({ model, prompt: word, image: file(), ...more })
          seen.add(
            await checked(await studio().send("/v1/images/edits", { method: "POST", body: sent })),
          )
        },
      ),
      settings,
    )
    expect([...seen]).toEqual(expect.arrayContaining([200, 400]))
  })

  it.each(["/v1/images/generations", "/v1/images/edits"])(
    "that is truncated or has changed bytes gets a valid response: %s",
    async (to) => {
      const seen = new Set<number>()
      const isEdit = to.endsWith("edits")
      const whole = isEdit
        ? new Response(form({ model: "brush", prompt: word, image: file(), n: "2" }))
        : new Response(
            JSON.stringify({ model: "brush", prompt: word, n: 2, seed: 5, size: "128x128" }),
            {
              headers: { "content-type": "application/json" },
            },
          )
      const type = whole.headers.get("content-type") ?? ""
      const bytes = new Uint8Array(await whole.arrayBuffer())
      const change = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) })
      await fc.assert(
        fc.asyncProperty(
          fc.nat(bytes.length),
          fc.array(change, { maxLength: 5 }),
          async (end, changes) => {
            const sent = bytes.slice(0, end)
            for (const each of changes) if (each.at < end) sent[each.at] = each.to
            seen.add(
              await checked(
                await studio().send(to, {
                  method: "POST",
                  headers: { "content-type": type },
                  body: sent,
                }),
              ),
            )
          },
        ),
        settings,
      )
      expect([...seen]).toContain(400)
    },
  )

  it("to any path never gets a server error", async () => {
    const seen = new Set<number>()
    const anyPath = fc.oneof(
      fc.webPath(),
      fc
        .tuple(fc.constantFrom("/v1/models/", "/openai/deployments/"), fc.string())
        .map((pair) => pair.join("")),
    )
    await fc.assert(
      fc.asyncProperty(
        anyPath,
        fc.constantFrom("GET", "POST", "PUT", "DELETE", "OPTIONS"),
        async (to, method) => {
          const url = `http://bridge.test${to.startsWith("/") ? to : `/${to}`}`
          if (URL.canParse(url))
            seen.add((await studio().openai.fetch(new Request(url, { method }))).status)
        },
      ),
      settings,
    )
    expect([...seen].filter((status) => status >= 500)).toEqual([])
    expect(seen).toContain(404)
  })
})

describe("the prompt", () => {
  const secrets = {
    model: "brush",
    prompt: word,
    negative_prompt: word,
    user: word,
    pictor: { maskPrompt: word },
  }

  it("is never in an error or a header", async () => {
    await fc.assert(
      fc.asyncProperty(path, fields, async (to, more) => {
        const made = studio()
        const response = await made.json(
          to,
          { ...more, ...secrets },
          { authorization: `Bearer ${word}`, "idempotency-key": word },
        )
        expect(JSON.stringify([...response.headers])).not.toContain(word)
        if (response.status !== 200) expect(await response.text()).not.toContain(word)
      }),
      settings,
    )
  })

  it.each([
    ["a filter", () => reply({ guardrail: "INTERVENED", text: word })],
    ["an unreadable reply", () => reply(`<html>${word}`)],
    ["an image that is none", () => reply({ images: [word] })],
    ["a transport that throws", () => Promise.reject(new Error(`failed at ${word}`))],
    ["good health", healthy],
  ])("is not in the response after %s", async (_, provider) => {
    for (const stream of [true, false]) {
      const made = studio({ provider, client: { retry: false } })
      const response = await made.generate({ model: "brush", prompt: word, stream })
      expect(JSON.stringify([...response.headers])).not.toContain(word)
      expect(await response.text()).not.toContain(word)
    }
  })

  it("is never in an error with images", async () => {
    const image = base64(picture(word))
    const made = studio({ provider: () => reply({ images: [] }), client: { retry: false } })
    for (const more of [
      { image },
      { image, mask: image },
      { image: [image, image, image, image] },
      { image, pictor: { mask: image }, size: image },
    ]) {
      const text = await (
        await made.json("/v1/images/edits", { model: "brush", prompt: word, ...more })
      ).text()
      expect(text).not.toContain(word)
      expect(text).not.toContain(image.slice(0, 100))
    }
  })
})
