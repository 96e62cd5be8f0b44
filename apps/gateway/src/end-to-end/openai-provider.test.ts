import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createOpenAiEmulator, type OpenAiEmulator } from "@pictor/openai-emulator"
import OpenAI from "openai"
import type { ImagesResponse } from "openai/resources/images"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  clientRequests,
  comparable,
} from "../../../../packages/adapters/openai-images/src/__fixtures__/client-requests.ts"
import { emulatedConfig } from "../config/emulated.ts"
import { type Gateway, startGateway } from "../gateway.ts"

const isFull = process.env["PICTOR_SCALE"] === "full"

type RecordedRequest = OpenAiEmulator["requests"][number]

let gateway: Gateway
let emulator: OpenAiEmulator
let folder = ""
const requests: RecordedRequest[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-openai-"))
  emulator = await createOpenAiEmulator({ seed: 1, access: ["svg"], requests })
  gateway = await startGateway({
    config: await emulatedConfig({ openai: `${emulator.url}/v1` }),
    env: {},
    folder,
    settings: { port: 0 },
    log: { write: () => undefined },
  })
})
afterAll(async () => {
  await gateway.close()
  await emulator.close()
  await rm(folder, { recursive: true })
})

/** The client's answer, and the provider's request that it led to. */
const exchange = async (
  baseURL: string,
  { operation, params }: (typeof clientRequests)[number],
) => {
  const client = new OpenAI({ baseURL, apiKey: "sk-test", maxRetries: 0 })
  const answer = await (operation === "edit"
    ? client.images.edit(params as never)
    : client.images.generate(params as never))
  const [sent, ...more] = requests.splice(0)
  expect(more).toEqual([])
  return { sent, answer: answer as ImagesResponse }
}

/** Without what depends on the size and the quality, which the plan writes out. */
const shapeOf = ({ data = [] }: ImagesResponse) =>
  data.map(({ b64_json: base64 = "" }) => base64.slice(0, 5))

/** The provider draws each picture twice, so that a usual run compares a sample. */
const cases = clientRequests
  .map((each, index) => ({ index, ...each }))
  .filter(({ index }) => isFull || index % 5 === 0 || index >= 56)

describe("the published client", () => {
  it.each(cases)(
    "leads to the provider's same request through the gateway as without it: $model, case $index",
    async (each) => {
      const direct = await exchange(`${emulator.url}/v1`, each)
      const routed = await exchange(`${gateway.url}/v1`, each)
      expect([routed.sent?.method, routed.sent?.path]).toEqual([
        direct.sent?.method,
        direct.sent?.path,
      ])
      expect(await comparable(routed.sent?.body, direct.sent?.body)).toEqual(
        await comparable(direct.sent?.body),
      )
      expect(shapeOf(routed.answer)).toEqual(shapeOf(direct.answer))
    },
  )

  it("is compared in sixty requests", () => {
    expect(clientRequests.length).toBe(60)
  })
})
