import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { describe, expect, it } from "vitest"
import { errorOf, imagesOf } from "./__fixtures__/reading.ts"
import { studio } from "./__fixtures__/studio.ts"
import { type Kind, parameters } from "./parameters.ts"

const base = { model: "acme.brush-v1:0", prompt: "A lighthouse" }

/** The fields of an interface, from `openai`'s declarations. */
const typedBy = (name: string): readonly string[] => {
  const path = createRequire(import.meta.url)
    .resolve("openai/resources/images")
    .replace(/\.js$/, ".d.ts")
  const [, body = ""] =
    new RegExp(`export interface ${name} \\{([\\s\\S]*?)\\n\\}`).exec(readFileSync(path, "utf8")) ??
    []
  return [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, field = ""]) => field)
}

describe("the table of parameters", () => {
  it.each([
    ["generations", "ImageGenerateParamsBase", 19],
    ["edits", "ImageEditParamsBase", 20],
  ] as const)(
    "has every parameter of %s that the openai client types",
    (kind: Kind, name, least) => {
      const typed = typedBy(name)
      expect(typed.length).toBeGreaterThanOrEqual(least)
      expect(typed.filter((field) => !Object.hasOwn(parameters[kind], field))).toEqual([])
    },
  )

  it.each(Object.entries(parameters.edits))(
    "has exactly one rule for %s",
    (_, { field, defaults, ignored, unsupported, unsupportedValues, special }) => {
      expect(
        [special, unsupported, field ?? ignored ?? (defaults && unsupportedValues)].filter(
          (each) => each !== undefined,
        ),
      ).toHaveLength(1)
    },
  )
})

describe("a supported parameter", () => {
  it.each([
    [{ n: 2 }, { config: { count: 2 } }],
    [{ size: "128x64" }, { config: { width: 128, height: 64 } }],
    [{ size: "auto" }, { config: { width: 256, height: 256 } }],
    [{ quality: "hd" }, { config: { quality: "premium" } }],
    [{ seed: 0 }, { config: { seed: 0 } }],
    [{ cfg_scale: 1 }, { config: { cfgScale: 1 } }],
    [{ negative_prompt: "fog" }, { textParams: { negativeText: "fog" } }],
    [{ style_preset: "line art" }, { textParams: { style: "LINE_ART" } }],
    [{ aspect_ratio: "2:1", size: "auto" }, { config: { width: 384, height: 192 } }],
    [{ config: { seed: 5, cfgScale: 2 } }, { config: { seed: 5, cfgScale: 2 } }],
    [{ pictor: { options: { config: { seed: 5 } } } }, { config: { seed: 5 } }],
    [
      { taskType: "COLOR", pictor: { colors: ["#102030"] } },
      { taskType: "COLOR", colorParams: { colors: ["#102030"] } },
    ],
    [{ task: "color-guided", colorParams: { colors: ["#102030"] } }, { taskType: "COLOR" }],
  ])("reaches the model: %j", async (extra, body) => {
    const made = studio()
    await imagesOf(await made.generate({ ...base, ...extra }))
    expect(made.sent()).toMatchObject(body)
  })

  it("is sent as the model's own field when the model has one of that name", async () => {
    const made = studio()
    await imagesOf(
      await made.generate({ ...base, model: "acme.ratio-v1:0", style_preset: "anime" }),
    )
    expect(made.sent()).toEqual({
      prompt: "A lighthouse",
      aspect_ratio: "1:1",
      output_format: "png",
      style_preset: "anime",
    })
  })

  it.each(["auto", "opaque"])(
    "is not reported when it has its default: background %s",
    async (background) => {
      const same = {
        background,
        moderation: "auto",
        output_compression: 100,
        partial_images: 0,
        quality: "auto",
        size: "auto",
        response_format: "b64_json",
      }
      const { pictor } = await imagesOf(await studio().generate({ ...base, ...same }))
      expect(pictor.changes).toEqual([])
    },
  )

  it("is absent when it is null", async () => {
    const made = studio()
    const none = Object.fromEntries(Object.keys(parameters.generations).map((name) => [name, null]))
    await imagesOf(await made.generate({ ...none, ...base }))
    const plain = studio()
    await plain.generate(base)
    expect(made.sent()).toEqual(plain.sent())
  })
})

describe("an adapted parameter", () => {
  it.each([
    ["size", "1000x1000", "snapped"],
    ["n", 3, "split"],
    ["cfg_scale", 0, "clamped"],
    ["output_format", "webp", "snapped"],
    ["quality", "hd", "mapped"],
    ["quality", "superb", "dropped"],
    ["style_preset", "cubism", "dropped"],
    ["steps", 0, "dropped"],
    ["moderation", "low", "dropped"],
    ["style", "vivid", "dropped"],
    ["output_compression", 0, "dropped"],
    ["complexity", "high", "dropped"],
    ["input_fidelity", "high", "dropped"],
    ["partial_images", 3, "dropped"],
  ])("is reported by its public name: %s %j is %s", async (name, value, action) => {
    const path = name === "input_fidelity" ? "/v1/images/edits" : "/v1/images/generations"
    const picture = name === "input_fidelity" ? { image: studioPicture } : {}
    const response = await studio().json(path, { ...base, ...picture, [name]: value })
    expect(response.headers.get("x-pictor-changes")).toContain(`${name}=${action}`)
    const { pictor } = await imagesOf(response)
    expect(pictor.changes.find(({ field }) => field === name)).toMatchObject({
      action,
      from: value,
    })
  })

  it.each([
    ["size", "1000x1000"],
    ["cfg_scale", 0],
    ["moderation", "low"],
    ["style", "natural"],
    ["output_compression", 50],
  ])("is rejected under strict: %s %j", async (name, value) => {
    const made = studio()
    const error = await errorOf(await made.generate({ ...base, [name]: value, policy: "strict" }))
    expect(error).toMatchObject({ status: 400, param: name, code: "unsupported_parameter" })
    expect(made.calls).toEqual([])
  })
})

describe("a rejected parameter", () => {
  it.each([
    ["background", "transparent", "unsupported_value", "remove-background"],
    ["output_format", "gif", "unsupported_value", "png, jpeg or webp"],
    ["output_format", "svg", "unsupported_value", "png, jpeg or webp"],
    ["output_format", "bmp", "invalid_value", "one of png"],
    ["frame_count", 4, "unsupported_parameter", "Remove the field"],
    ["frame_duration_ms", 4, "unsupported_parameter", "Remove the field"],
    ["svg", {}, "unsupported_parameter", "Remove the field"],
    ["style", "cubism", "invalid_value", "style_preset"],
    ["moderation", "none", "invalid_value", "auto, low"],
    ["response_format", "url", "unsupported_value", "b64_json"],
    ["response_format", "png", "invalid_value", "b64_json, url"],
    ["n", 0, "invalid_value", "at least 1"],
    ["n", 1.5, "invalid_value", "an integer"],
    ["n", "2", "invalid_value", "an integer"],
    ["n", 1e9, "invalid_value", "1 to 100"],
    ["size", 1024, "invalid_value", "1024x1024"],
    ["size", "big", "invalid_value", "in pixels"],
    ["stream", "yes", "invalid_value", "true or false"],
    ["partial_images", 4, "invalid_value", "0 to 3"],
    ["output_compression", 101, "invalid_value", "0 to 100"],
    ["seed", -1, "invalid_value", "0 to 999"],
    ["seed", "7", "invalid_value", "a number"],
    ["n", "3", "invalid_value", "an integer of at least 1. Send it without quotes."],
    ["n", "three", "invalid_value", "an integer of at least 1."],
    ["prompt", 7, "invalid_value", "a string"],
    ["prompt", null, "missing_required_parameter", "prompt is missing"],
    ["negative_prompt", {}, "invalid_value", "a string"],
    ["user", 7, "invalid_value", "a string"],
    ["policy", "lenient", "invalid_value", "adapt, strict"],
    ["task", "dream", "invalid_value", "must be one of"],
    ["pictor", "x", "invalid_value", "an object"],
    ["negative_promt", "fog", "unknown_parameter", "Similar fields: negative_prompt"],
    ["image", "aGk=", "unknown_parameter", "/v1/images/edits"],
  ])("gets a message that says what to do: %s %j", async (name, value, code, words) => {
    const made = studio()
    const error = await errorOf(await made.generate({ ...base, [name]: value }))
    expect(error).toMatchObject({ status: 400, type: "invalid_request_error", param: name, code })
    expect(error.message).toContain(words)
    expect(made.calls).toEqual([])
  })

  it.each([
    [{ pictor: { account: { key: "x" } } }, "pictor.account"],
    [{ pictor: { modelId: "arn:x" } }, "pictor.modelId"],
    [{ pictor: { options: 5 } }, "pictor.options"],
    [{ pictor: { options: { config: { sed: 1 } } } }, "pictor.options.config.sed"],
    [{ config: { sed: 1 } }, "config.sed"],
    [{ config: {}, pictor: { options: { config: {} } } }, "pictor.options.config"],
    [{ style_preset: "photo", pictor: { style: "LINE_ART" } }, "pictor.style"],
    [{ task: "inpaint", pictor: { task: "color-guided" } }, "pictor.task"],
    [{ seed: 1, config: { seed: 2 } }, "config.seed"],
    [{ pictor: { colors: ["#000000"] } }, "pictor.colors"],
    [{ pictor: { tags: 5 } }, "pictor.tags"],
  ])("has its path in param: %j is %s", async (extra, param) => {
    expect(await errorOf(await studio().generate({ ...base, ...extra }))).toMatchObject({
      status: 400,
      param,
    })
  })

  it.each([
    [{ negative_prompt: "x".repeat(1001) }, "negative_prompt must be"],
    [{ aspect_ratio: "wide" }, "aspect_ratio must be"],
    [{ aspect_ratio: "1:1", size: "64x64" }, "size and aspect_ratio"],
    [{ pictor: { maskPrompt: "sky" } }, "pictor.maskPrompt in the task"],
    [{ config: { cfgScale: 0 } }, "config.cfgScale must be"],
    [
      { pictor: { options: { config: { cfgScale: 0 } } } },
      "pictor.options.config.cfgScale must be",
    ],
  ])("has its public name in the message: %#", async (extra, words) => {
    expect((await errorOf(await studio().generate({ ...base, ...extra }))).message).toContain(words)
  })

  it("comes with all other issues", async () => {
    const wrong = {
      size: "big",
      seed: 1.5,
      background: "transparent",
      frame_count: 2,
      sed: 5,
      n: 0,
      response_format: "url",
    }
    const { issues = [], message } = await errorOf(
      await studio().generate({ model: base.model, ...wrong }),
    )
    expect(issues.map(({ param }) => param).toSorted()).toEqual(
      [...Object.keys(wrong), "prompt"].toSorted(),
    )
    expect(message).toContain("7 more issues")
  })
})

const studioPicture =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAUklEQVR42u3PQQkAAAgAsetfWiv4FgYrsKZeS0BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQOCyzGwIwLBX0dcAAAAASUVORK5CYII="
