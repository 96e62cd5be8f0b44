import { at, textAt } from "@pictor/emulator-kit"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ask, finishReason, newest, partsOf, picturesOf, small, words } from "./__fixtures__/ask.ts"
import { createGeminiEmulator, type GeminiEmulator } from "./emulator.ts"
import {
  blockReasons,
  type FaultKind,
  failures,
  faultKinds,
  finishReasons,
  parseFault,
} from "./faults.ts"
import { listAt } from "./request.ts"

let emulator: GeminiEmulator

beforeAll(async () => {
  emulator = await createGeminiEmulator({ seed: 1 })
})

afterAll(() => emulator.close())

const faulty = (fault: string): object => words(small, `Tea [[fault:${fault}]]`)

const post = (fault: string, signal?: AbortSignal): Promise<Response> =>
  fetch(`${emulator.url}/v1beta/models/${newest}:generateContent`, {
    method: "POST",
    headers: { "x-goog-api-key": "any", "x-emulator-fault": fault },
    body: JSON.stringify(words(small)),
    ...(signal === undefined ? {} : { signal }),
  })

/** The micro-USD that an action costs. */
const costOf = async (action: () => Promise<unknown>): Promise<number> => {
  const before = emulator.bill().microUsd
  await action()
  return emulator.bill().microUsd - before
}

const tried: FaultKind[] = []
const trying = <Kind extends FaultKind>(kinds: readonly Kind[]): readonly Kind[] => {
  tried.push(...kinds)
  return kinds
}

const keysOf = <Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] =>
  Object.keys(table) as Key[]

describe("a fault that keeps the model from running", () => {
  it.each(trying(keysOf(failures)))("%s has Google's envelope and costs nothing", async (kind) => {
    const cost = await costOf(async () => {
      const { status, body } = await ask(emulator, faulty(kind))
      expect(status).toBe(failures[kind].code)
      expect(at(body, "error", "code")).toBe(status)
      expect(textAt(body, "error", "status")).toBe(failures[kind].status)
      expect(textAt(body, "error", "message")).not.toContain("Tea")
    })
    expect(cost).toBe(0)
  })

  it("throttle says when to try again", async () => {
    const { body } = await ask(emulator, faulty("throttle;retry=2"))
    expect(listAt(body, "error", "details")).toContainEqual({
      "@type": "type.googleapis.com/google.rpc.RetryInfo",
      retryDelay: "2s",
    })
    expect((await post("quota")).status).toBe(429)
  })
})

describe("a refused prompt", () => {
  it.each(trying(keysOf(blockReasons)))("%s has no candidates and costs nothing", async (kind) => {
    const cost = await costOf(async () => {
      const { status, body } = await ask(emulator, faulty(kind))
      expect(status).toBe(200)
      expect(body["promptFeedback"]).toEqual({ blockReason: blockReasons[kind] })
      expect(body).not.toHaveProperty("candidates")
      expect(body["usageMetadata"]).not.toHaveProperty("candidatesTokenCount")
    })
    expect(cost).toBe(0)
  })

  it("has a message on Vertex AI", async () => {
    const { body } = await ask(emulator, faulty("blocked-model-armor"), {
      path: "/v1beta1/publishers/google/models",
    })
    expect(textAt(body, "promptFeedback", "blockReasonMessage")).toContain("blocked")
  })
})

describe("a refused picture", () => {
  it.each(trying(keysOf(finishReasons)))("%s has no picture and costs its tokens", async (kind) => {
    const cost = await costOf(async () => {
      const reply = await ask(emulator, faulty(kind))
      expect(reply.status).toBe(200)
      expect(finishReason(reply)).toBe(finishReasons[kind])
      const texts = partsOf(reply).map((part) => textAt(part, "text"))
      const hasWords = kind === "no-image" || kind === "words-only"
      expect(texts).toEqual(hasWords ? ["I can only describe this picture."] : [])
    })
    expect(cost).toBeGreaterThan(0)
    expect(cost).toBeLessThan(2500)
  })

  it("max-tokens ends in the thoughts", async () => {
    trying(["max-tokens"])
    const reply = await ask(emulator, faulty("max-tokens"))
    expect(finishReason(reply)).toBe("MAX_TOKENS")
    expect(partsOf(reply)).toEqual([])
  })
})

describe("more-images", () => {
  trying(["more-images"])

  it("adds pictures that differ, each billed", async () => {
    const cost = await costOf(async () => {
      const pictures = picturesOf(await ask(emulator, faulty("more-images;k=2")))
      expect(pictures).toHaveLength(3)
      expect(new Set(pictures.map((bytes) => bytes.toString("base64"))).size).toBe(3)
    })
    // Three pictures, 240 thought tokens and 8 of the prompt.
    expect(cost).toBe(3 * 747 * 30 + 240 * 7.5 + 8 * 1.5)
  })
})

describe("a fault of the delivery", () => {
  it("reset-before closes the connection and costs nothing", async () => {
    trying(["reset-before"])
    expect(await costOf(() => expect(post("reset-before")).rejects.toThrow("fetch failed"))).toBe(0)
  })

  it.each(trying(["reset-after", "cut"]))("%s loses a picture that is billed", async (kind) => {
    const cost = await costOf(async () => {
      await expect(post(kind).then((reply) => reply.text())).rejects.toThrow(
        /fetch failed|terminated/,
      )
    })
    expect(cost).toBeGreaterThan(22_000)
  })

  it("malformed ends in the middle of its JSON", async () => {
    trying(["malformed"])
    const reply = await post("malformed")
    expect(reply.status).toBe(200)
    await expect(reply.json()).rejects.toThrow(SyntaxError)
  })

  it("html-502 is a proxy's page", async () => {
    trying(["html-502"])
    const reply = await post("html-502")
    expect([reply.status, await reply.text()]).toEqual([502, expect.stringContaining("<!DOCTYPE")])
  })

  it.each(trying(["slow-first-byte", "slow-body"]))("%s arrives whole", async (kind) => {
    const reply = await post(`${kind};ms=2`)
    expect(at(await reply.json(), "modelVersion")).toBe(newest)
  })

  it("timeout lasts until the caller leaves", async () => {
    trying(["timeout"])
    const leaving = new AbortController()
    const seen = emulator.requests.length
    const pending = post("timeout", leaving.signal)
    pending.catch(() => {})
    await expect.poll(() => emulator.requests.length).toBe(seen + 1)
    leaving.abort()
    await expect(pending).rejects.toMatchObject({ name: "AbortError" })
  })

  it("timeout ends when the emulator closes", async () => {
    const own = await createGeminiEmulator({ faults: [{ kind: "timeout" }] })
    const pending = ask(own, words(small))
    pending.catch(() => {})
    await expect.poll(() => own.requests.length).toBe(1)
    await own.close()
    await expect(pending).rejects.toThrow("fetch failed")
  })
})

describe("faults", () => {
  it("are all tried above", () => {
    expect(tried.toSorted()).toEqual(faultKinds.toSorted())
  })

  it("come from rules too", async () => {
    const own = await createGeminiEmulator({ faults: [{ kind: "unavailable", times: 1 }] })
    const statuses = [await ask(own, words(small)), await ask(own, words(small))]
    expect(statuses.map(({ status }) => status)).toEqual([503, 200])
    await own.close()
  })

  it("that do not exist are named", async () => {
    const { status, body } = await ask(emulator, faulty("throttled"))
    expect(status).toBe(400)
    expect(textAt(body, "error", "message")).toContain("throttle, quota")
    expect(parseFault("throttled")).toBeUndefined()
  })
})
