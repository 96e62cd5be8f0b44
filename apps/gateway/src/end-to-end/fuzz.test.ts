import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { checkBody, createBedrockEmulator } from "@pictor/bedrock-emulator"
import type { LedgerCall } from "@pictor/ledger"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  errorResponse,
  imagesResponse,
} from "../../../../packages/bridges/openai-http/src/schemas.ts"
import { runs } from "../../../../packages/core/src/__fixtures__/scale.ts"
import { type Listed, priceList } from "../../../example/src/across/price-list.ts"
import { type Served, startServing } from "./__fixtures__/command.ts"
import { openBooks } from "./__fixtures__/ledger-reader.ts"
import { collecting, complaints, memoryOf } from "./__fixtures__/memory.ts"
import { requestsOf } from "./__fixtures__/odd-requests.ts"
import { models, type Sent } from "./__fixtures__/orders.ts"
import { configOf } from "./__fixtures__/process.ts"
import {
  type RecordedCall,
  type RecordingProxy,
  startRecordingProxy,
} from "./__fixtures__/recording-proxy.ts"
import { type Answered, openDelivery } from "./__fixtures__/send-orders.ts"

const seed = 20_261_123
const count = runs(100_000)
const masterKey = "sk-master-of-the-fuzz"
const inFlight = 16

let folder = ""
let witness: RecordingProxy
let gateway: Served
let key = ""
const closing: (() => Promise<unknown>)[] = []

const databaseUrl = (): string => `file:${join(folder, "gateway.db")}`

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pictor-fuzz-"))
  const emulator = await createBedrockEmulator({ seed: 1 })
  closing.push(emulator.close)
  witness = await startRecordingProxy(emulator.url)
  closing.push(witness.close)
  const config = configOf({
    endpoint: witness.url,
    databaseUrl: "",
    models: Object.values(models),
    sections: {
      general_settings: { master_key: masterKey, database_url: databaseUrl() },
      router_settings: { num_retries: 0, disable_cooldowns: true },
    },
  })
  writeFileSync(join(folder, "config.yaml"), config)
  gateway = await startServing({
    args: ["--config", "config.yaml"],
    folder,
    environment: collecting,
  })
  closing.push(async () => {
    gateway.signal("SIGKILL")
    await gateway.ended
  })
  const made = await fetch(`${gateway.url}/key/generate`, {
    method: "POST",
    headers: { authorization: `Bearer ${masterKey}`, "content-type": "application/json" },
    body: "{}",
  })
  key = ((await made.json()) as { readonly key: string }).key
}, 60_000)
afterAll(async () => {
  for (const close of closing.toReversed()) await close()
  rmSync(folder, { recursive: true, force: true })
})

const megabytes = (number: number): number => number * 1_048_576

const grown = (before: number, after: number): number => after - before

const pixelsOf = (size: string): number =>
  size.split("x").reduce((product, side) => product * Number(side), 1)

/** Price of the call from a list that is independent of the cards. */
const priceOf = (
  { model, task, size = "", quality = "standard", ordered }: LedgerCall,
  call: RecordedCall | undefined,
): number | undefined => {
  const steps = /"steps":(\d+)/.exec(call?.body ?? "")?.[1] ?? "30"
  const fits = (listed: Listed): boolean =>
    listed.models.includes(model) &&
    listed.tasks.includes(task) &&
    (listed.quality ?? quality) === quality &&
    (listed.sizes === undefined || pixelsOf(size) <= Math.max(...listed.sizes.map(pixelsOf))) &&
    (listed.steps === undefined ||
      Number(steps) <= Math.max(...listed.steps.map((each) => Math.max(each, 50))))
  const usd = priceList.filter(fits).map((listed) => Number(listed.usd))
  return usd.length === 0 ? undefined : Math.round(Math.min(...usd) * 1_000_000) * ordered
}

const modelIn = (path: string): string => decodeURIComponent(path.split("/")[2] ?? "")

const pictureHead = /^(iVBORw0KGgo|\/9j\/|UklGR)/

/** The images in an answer. */
const picturesIn = ({ headers, text }: Answered): readonly string[] => {
  if (!String(headers["content-type"]).startsWith("text/event-stream"))
    return imagesResponse
      .parse(JSON.parse(text))
      .data.map(({ b64_json: base64, url }) => base64 ?? url ?? "")
  const events = text.split("\n").filter((line) => line.startsWith("data: "))
  return events.map(
    (line) => (JSON.parse(line.slice("data: ".length)) as { readonly b64_json: string }).b64_json,
  )
}

const isPicture = (text: string): boolean => pictureHead.test(text) || text.includes("/files/")

const aboutFields: ReadonlySet<string> = new Set([
  "invalid_value",
  "unknown_parameter",
  "unsupported_parameter",
  "missing_required_parameter",
])

/** Issues of an error: it must be in OpenAI's envelope and name its field. */
const wrongError = ({ text }: Answered): string | undefined => {
  const read = errorResponse.safeParse(JSON.parse(text))
  if (!read.success) return "no envelope"
  const { code, message, param } = read.data.error
  if (message === "" || code === "") return "says nothing"
  return aboutFields.has(code) && param === null ? `names no field: ${message}` : undefined
}

const isJson = ({ headers }: Answered): boolean =>
  String(headers["content-type"]).startsWith("application/json")

/** An odd request may give the gateway a millisecond. */
const setsTimeout = ({ headers, body }: Sent): boolean =>
  "x-litellm-timeout" in headers || body?.includes("timeout") === true

/** Issues of an answer. */
const wrong = (sent: Sent, answer: Answered | undefined): string | undefined => {
  // The gateway may disconnect a client with an incomplete request.
  if (!answer) return sent.raw ? undefined : "no answer"
  const { status } = answer
  if (status === 504 && setsTimeout(sent)) return undefined
  if (status >= 500 && sent.expected !== "fault") return `is ours: ${status}`
  if (sent.expected === "pictures" && status !== 200) return `refused with ${status}`
  if (sent.expected === "refusal" && status < 400) return `let in with ${status}`
  if (sent.method === "HEAD" || status === 204) return undefined
  if (status >= 400) return isJson(answer) ? wrongError(answer) : "an error that is no JSON"
  const makesPictures = sent.raw === undefined && /\/images\/(generations|edits)$/.test(sent.path)
  if (!makesPictures) return undefined
  const pictures = picturesIn(answer)
  return pictures.length > 0 && pictures.every(isPicture) ? undefined : "200 without a picture"
}

const described = ({ kind, method, path, headers, body, raw }: Sent): string =>
  raw
    ? `${kind}: ${JSON.stringify(raw.toString("latin1").slice(0, 600))}`
    : `${kind}: ${method} ${path} ${JSON.stringify(headers)} ${body?.toString().slice(0, 600)}`

/** Sends requests concurrently; returns the issues. */
const fuzz = async (from: number, to: number): Promise<readonly string[]> => {
  const delivery = openDelivery(gateway.url)
  const requests = requestsOf({ key, masterKey })
  const found: string[] = []
  const batch = 250
  for (let start = from; start < to && found.length < 10; start += batch) {
    const batchSeed = seed + start
    const sample = fc.sample(requests, { seed: batchSeed, numRuns: Math.min(batch, to - start) })
    const waiting = sample.values()
    const work = async (): Promise<void> => {
      for (const sent of waiting) {
        const answer = await delivery.send(sent).catch((thrown: Error) => thrown)
        const why =
          answer instanceof Error ? `no connection: ${answer.message}` : wrong(sent, answer)
        if (why)
          found.push(
            `${why}; seed ${batchSeed}; ${described(sent)} → ${answer instanceof Error ? "" : answer?.text.slice(0, 300)}`,
          )
      }
    }
    await Promise.all(Array.from({ length: inFlight }, work))
  }
  await delivery.close()
  return found
}

describe(`${count} requests of all kinds, seed ${seed}`, () => {
  it("get valid answers and leave nothing behind", async () => {
    const warm = Math.max(250, Math.floor(count / 4))
    const first = await fuzz(0, warm)
    const before = await memoryOf(gateway)
    const rest = await fuzz(warm, count)
    const after = await memoryOf(gateway)
    expect([...first, ...rest].slice(0, 10)).toEqual([])
    expect(grown(before.heap, after.heap)).toBeLessThan(megabytes(8))
    expect(grown(before.external, after.external)).toBeLessThan(megabytes(8))
    expect(after.peak).toBeLessThan(megabytes(900))
  }, 3_600_000)

  it("cause no warning, and the process still serves", async () => {
    expect(complaints(gateway)).toEqual([])
    expect(gateway.log.filter(({ msg }) => msg === "unexpected error")).toEqual([])
    expect((await fetch(`${gateway.url}/health/readiness`)).status).toBe(200)
  })

  it("send nothing invalid to the provider, except images with corrupt data", () => {
    const refused = witness.seen.filter(
      ({ status, body }) => status !== 200 && !body.includes("[[fault:"),
    )
    expect(
      refused.filter(({ words }) => !words.includes("the image cannot be decoded")).slice(0, 10),
    ).toEqual([])
    const misread = refused.flatMap(({ path, body }) => checkBody(modelIn(path), JSON.parse(body)))
    expect(misread).toEqual([])
  })

  it("match the ledger to the micro-USD", async () => {
    const books = await openBooks(databaseUrl())
    try {
      const rows = await books.rows()
      const calls = new Map(
        witness.seen
          .filter(({ status, body }) => status === 200 && !body.includes("[[fault:"))
          .map((call) => [call.requestId, call]),
      )
      const settled = rows.filter(({ requestId = "" }) => calls.has(requestId))
      const wrongly = settled.filter(
        (row) =>
          row.state !== "settled" ||
          row.cost.microUsd !== priceOf(row, calls.get(row.requestId ?? "")),
      )
      expect(wrongly.slice(0, 10)).toEqual([])
      expect(settled.length).toBe(calls.size)
      expect(await books.wrong()).toEqual([])
    } finally {
      await books.close()
    }
  })
})
