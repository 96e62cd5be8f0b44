import { describe, expect, it } from "vitest"
import { errorOf } from "../__fixtures__/client.ts"
import { editing } from "../__fixtures__/editors.ts"
import { gridCard } from "../__fixtures__/families.ts"
import type { TaskCard } from "../contract/card.ts"
import type { ImageError } from "../contract/errors.ts"
import { inputNames, type JsonObject, type Task } from "../contract/request.ts"
import { createDiagnostics } from "./diagnostics.ts"
import { checkGroups, checkInputs, checkSettings, isTask } from "./normalize.ts"

const issues = (request: JsonObject) => {
  const diagnostics = createDiagnostics(false)
  checkSettings(request, diagnostics)
  return diagnostics.issues
}

describe("checkSettings", () => {
  it("accepts every field of any task and every setting", () => {
    const fitted = {
      n: 1,
      seed: 1,
      quality: "hd",
      guidance: 1,
      steps: 1,
      style: "s",
      outputFormat: "png",
      strength: 1,
      controlStrength: 1,
    }
    const settings = {
      model: "m",
      modelId: "x",
      options: {},
      policy: "strict",
      tags: { a: "b", c: undefined },
      idempotencyKey: "i",
      task: "erase",
    }
    const words = {
      prompt: "a",
      size: "1x1",
      aspectRatio: "1:1",
      negativePrompt: "b",
      prompts: [],
      account: { key: "k", user: "u", team: "t" },
    }
    expect(
      issues({
        ...fitted,
        ...settings,
        ...words,
        ...Object.fromEntries(inputNames.map((name) => [name, "x"])),
      }),
    ).toEqual([])
    expect(issues({ nonsense: undefined })).toEqual([])
  })

  it.each(["promt", "negative_prompt", "__proto__x", "constructor", "toString", "N"])(
    "rejects the unknown field %s with the nearest names",
    (field) => {
      expect(issues({ [field]: 1 })).toMatchObject([
        { code: "invalid_request", path: field, message: expect.stringContaining("nearest are") },
      ])
    },
  )

  it("names the nearest field first", () => {
    expect(issues({ promt: 1 })[0]?.message).toContain("prompt")
    expect(issues({ negative_prompt: 1 })[0]?.message).toContain("negativePrompt")
  })

  it("ignores the object prototype", () => {
    expect(issues(JSON.parse('{ "__proto__": { "a": 1 } }') as JsonObject)).toMatchObject([
      { path: "__proto__" },
    ])
  })

  it.each<readonly [JsonObject, string]>([
    [{ policy: "Strict" }, "policy"],
    [{ policy: null }, "policy"],
    [{ tags: [] }, "tags"],
    [{ tags: { a: 1 } }, "tags"],
    [{ tags: "a" }, "tags"],
    [{ account: "k" }, "account"],
    [{ account: { key: 1 } }, "account"],
    [{ account: { name: "k" } }, "account"],
    [{ idempotencyKey: "" }, "idempotencyKey"],
    [{ idempotencyKey: 1 }, "idempotencyKey"],
    [{ modelId: "" }, "modelId"],
    [{ modelId: {} }, "modelId"],
  ])("rejects %j", (request, path) => {
    expect(issues(request)).toMatchObject([
      { code: "invalid_request", path, message: expect.not.stringContaining("Infinity") },
    ])
  })
})

describe("isTask", () => {
  it.each<Task>(["text-to-image", "erase", "virtual-try-on", "upscale"])("knows %s", (task) => {
    expect(isTask(task)).toBe(true)
  })
  it.each(["txt2img", "", "constructor", "__proto__", undefined, null, 5, ["erase"]])(
    "rejects %j",
    (task) => {
      expect(isTask(task)).toBe(false)
    },
  )
})

describe("checkInputs and checkGroups", () => {
  const withImage: TaskCard = {
    fields: { image: { kind: "json" }, maskPrompt: { kind: "text", max: 9 } },
  }
  const codes = (request: JsonObject, task: TaskCard) => {
    const diagnostics = createDiagnostics(false)
    checkInputs(request, "erase", task, diagnostics)
    return diagnostics.issues.map(({ code, path }) => `${code} ${path}`)
  }

  it("reject inputs that the task does not take", () => {
    const all = Object.fromEntries(inputNames.map((name) => [name, "x"]))
    expect(codes(all, gridCard.tasks["text-to-image"])).toEqual(
      inputNames.map((name) => `unsupported ${name}`),
    )
    expect(
      codes({ image: "x", images: ["x"], maskPrompt: "y", mask: undefined }, withImage),
    ).toEqual([])
    expect(codes({ mask: "x" }, withImage)).toEqual(["unsupported mask"])
  })

  it.each([
    [{}, ["image"]],
    [{ image: "x" }, []],
    [{ maskPrompt: "x" }, []],
    [{ image: "x", maskPrompt: "x" }, ["maskPrompt"]],
  ])("require exactly one field of a group: %j", (given, paths) => {
    const diagnostics = createDiagnostics(false)
    checkGroups(given, { ...withImage, oneOf: [["image", "maskPrompt"]] }, diagnostics)
    expect(diagnostics.issues.map(({ code, path }) => [code, path])).toEqual(
      paths.map((path) => ["invalid_request", path]),
    )
  })
})

describe("a task that the model lacks", () => {
  it("is rejected with the models that have it", async () => {
    const { planOf } = editing()
    const both = (await errorOf(planOf("light", "color-guided"))) as ImageError
    expect(both.issues?.[0]).toMatchObject({
      code: "unsupported",
      path: "task",
      given: "color-guided",
      message: expect.stringMatching(
        /^task must be one of inpaint, .*, not color-guided\. This model has it: acme\.dark-v1:0\.$/,
      ),
    })
    const none = (await errorOf(planOf("light", "recolor"))) as ImageError
    expect(none.issues?.[0]?.message).toMatch(/, not recolor\.$/)
  })
})
