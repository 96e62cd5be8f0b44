import { describe, expect, it } from "vitest"
import { errorOf, settled } from "../../__fixtures__/client.ts"
import { editing } from "../../__fixtures__/editors.ts"
import { base64, type Drawn, picture, seen } from "../../__fixtures__/pictures.ts"
import type { ImageLimits } from "../../contract/card.ts"
import type { ImageError } from "../../contract/errors.ts"
import type { InputImage } from "../../contract/plan.ts"
import { createDiagnostics } from "../diagnostics.ts"
import { checkLimits, readInput } from "./read-image.ts"

const bytes = picture({ shows: "a mill" })
const text = base64({ shows: "a mill" })

describe("readInput", () => {
  it.each<readonly [string, unknown]>([
    ["bytes", bytes],
    ["a view on other bytes", Uint8Array.of(1, 2, ...bytes, 3).subarray(2, 2 + bytes.length)],
    ["a buffer", bytes.slice().buffer],
    ["a blob", new Blob([bytes])],
    ["base64", text],
    [
      "base64 without padding, in lines",
      `${text.slice(0, 40)}\n${text.slice(40).replace(/=+$/, "")}\n`,
    ],
    ["base64 in the other alphabet", text.replaceAll("+", "-").replaceAll("/", "_")],
    ["a data URL", `data:image/png;base64,${text}`],
    ["a data URL of another type than its bytes", `data:image/jpeg;base64,${text}`],
  ])("reads %s", async (_, source) => {
    const diagnostics = createDiagnostics(false)
    const input = await readInput("image", source, diagnostics)
    expect(diagnostics.issues).toEqual([])
    expect(input?.image).toEqual({
      base64: text,
      mediaType: "image/png",
      width: 64,
      height: 64,
      byteLength: bytes.length,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(input?.bytes).toEqual(bytes)
  })

  it.each<readonly [string, unknown]>([
    ["text", "canary words of a prompt"],
    ["an address", "https://example.com/canary.png"],
    ["a data URL that is not base64", "data:image/svg+xml,<svg>canary</svg>"],
    ["base64 of something else", btoa("canary words")],
    ["a PNG without its size", bytes.subarray(0, 20)],
    ["an empty array", new Uint8Array()],
    ["an empty text", ""],
    ["null", null],
    ["a number", 7],
    ["an object", { data: "canary" }],
    ["a list", [bytes]],
    ["words instead of bytes", new Uint16Array(4)],
    [
      "a blob that cannot be read",
      Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error("canary")) }),
    ],
  ])("rejects %s without quoting it", async (_, source) => {
    const diagnostics = createDiagnostics(false)
    expect(await readInput("image", source, diagnostics)).toBeUndefined()
    expect(diagnostics.issues).toMatchObject([
      { code: "invalid_request", path: "image", given: typeof source },
    ])
    expect(JSON.stringify(diagnostics.issues)).not.toContain("canary")
  })

  it("reads an image once for all calls", async () => {
    let reads = 0
    const blob = Object.assign(new Blob([bytes]), {
      arrayBuffer: async () => {
        reads++
        return bytes.slice().buffer
      },
    })
    const { pictor, calls, planOf } = editing()
    const plan = await planOf("dark", "inpaint", { image: blob, maskPrompt: "the door", n: 8 })
    await pictor.run(plan)
    expect([reads, calls.length]).toEqual([1, 3])
  })

  it.each<readonly [string, (own: Uint8Array<ArrayBuffer>) => unknown]>([
    ["bytes", (own) => own],
    ["a buffer", (own) => own.buffer],
  ])("copies %s before the caller can change it", async (_, give) => {
    const { pictor, planOf, calls } = editing()
    const own = bytes.slice()
    const planning = planOf("light", "upscale", { image: give(own) })
    own.fill(0)
    const plan = await planning
    expect(seen(plan.calls[0]?.body["image"])).toBe("a mill 64x64")
    await pictor.run(plan)
    expect(seen(calls[0]?.body["image"])).toBe("a mill 64x64")
  })

  it("copies an image before request middleware runs", async () => {
    const { planOf } = editing({
      middleware: [
        {
          name: "slow",
          request: async (request, next) => {
            await settled()
            return next(request)
          },
        },
      ],
    })
    const own = bytes.slice()
    const planning = planOf("light", "upscale", { image: own })
    own.fill(0)
    expect(seen((await planning).calls[0]?.body["image"])).toBe("a mill 64x64")
  })

  it("shares one string between the calls of a split", async () => {
    const { planOf } = editing()
    const plan = await planOf("dark", "inpaint", { image: bytes, maskPrompt: "the door", n: 7 })
    const sent = plan.calls.map(({ body }) => (body["in"] as { image: string }).image)
    expect(new Set(sent)).toEqual(new Set([text]))
    expect(sent).toHaveLength(3)
    // One object in the plan is one string in memory: nothing encodes it anew.
    expect(plan.resolved.image?.base64).toBe(text)
  })
})

describe("checkLimits", () => {
  const limits: ImageLimits = {
    types: ["image/png", "image/jpeg"],
    side: [32, 512],
    pixels: [2048, 65_536],
    ratio: 4,
    bytes: 1000,
  }
  const image = (more: Partial<InputImage>): InputImage => ({
    base64: "canary",
    mediaType: "image/png",
    width: 128,
    height: 128,
    byteLength: 1000,
    sha256: "0",
    ...more,
  })

  it.each<readonly [Partial<InputImage>, readonly (readonly [given: string, allowed: string])[]]>([
    [{}, []],
    [{ width: 512, height: 128 }, []],
    [{ width: 32, height: 64 }, []],
    [{ mediaType: "image/webp" }, [["image/webp", "image/png, image/jpeg"]]],
    [{ width: 31, height: 100 }, [["31x100 pixels", "sides of 32 to 512 pixels"]]],
    [
      { width: 100, height: 513 },
      [
        ["100x513 pixels", "sides of 32 to 512 pixels"],
        ["5.13:1", "at most 4:1"],
      ],
    ],
    [{ width: 32, height: 63 }, [["2,016 pixels", "2,048 to 65,536"]]],
    [{ width: 512, height: 129 }, [["66,048 pixels", "2,048 to 65,536"]]],
    [{ width: 257, height: 64 }, [["4.02:1", "at most 4:1"]]],
    [{ width: 64, height: 257 }, [["4.02:1", "at most 4:1"]]],
    [{ byteLength: 1001 }, [["1,001 bytes", "at most 1,000"]]],
  ])("reports the limit and the value: %j", (more, expected) => {
    const diagnostics = createDiagnostics(false)
    checkLimits("image", image(more), limits, diagnostics)
    expect(
      diagnostics.issues.map(({ code, path, given, allowed }) => [code, path, given, allowed]),
    ).toEqual(expected.map(([given, allowed]) => ["invalid_request", "image", given, allowed]))
    for (const { message, given, allowed, remedy } of diagnostics.issues) {
      for (const part of [given, allowed]) expect(message).toContain(part)
      expect(remedy).toContain("fitImage of @pictor/images")
      expect(message).not.toContain("canary")
    }
  })

  it.each<readonly [string, string, string, Drawn]>([
    ["dark", "inpaint", "image", { width: 1024 }],
    ["light", "style-transfer", "styleImage", { height: 16 }],
    ["dark", "virtual-try-on", "referenceImage", { width: 600, height: 300 }],
    ["dark", "image-to-image", "images.1", { width: 16 }],
    ["light", "inpaint", "mask", { width: 16 }],
  ])("checks every image: %s %s %s", async (model, task, path, drawn) => {
    const fields = {
      image: bytes,
      styleImage: bytes,
      referenceImage: bytes,
      mask: bytes,
      images: [bytes, picture(drawn)],
    }
    const names: Readonly<Record<string, readonly (keyof typeof fields)[]>> = {
      inpaint: ["image", "mask"],
      "style-transfer": ["image", "styleImage"],
      "virtual-try-on": ["image", "referenceImage"],
      "image-to-image": ["images"],
    }
    const given = Object.fromEntries(
      (names[task] ?? []).map((name) => [name, name === path ? picture(drawn) : fields[name]]),
    )
    const words = model === "light" && task === "inpaint" ? { prompt: "a door" } : {}
    const more = {
      ...given,
      ...words,
      ...(task === "virtual-try-on" ? { garment: { class: "shoes" } } : {}),
    }
    for (const policy of ["adapt", "strict"]) {
      const error = (await errorOf(
        editing().planOf(model as "dark", task, {
          ...more,
          policy,
          ...(model === "dark" && task === "inpaint"
            ? { mask: undefined, maskPrompt: "the door" }
            : {}),
        }),
      )) as ImageError
      expect(error.code).toBe("invalid_request")
      expect(new Set(error.issues?.map((issue) => issue.path))).toEqual(new Set([path]))
    }
  })
})
