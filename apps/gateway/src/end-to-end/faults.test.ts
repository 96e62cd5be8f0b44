import { faultKinds } from "@pictor/bedrock-emulator"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type FaultCase, faultCases, streamedCases } from "./__fixtures__/fault-cases.ts"
import { openWorld, type World } from "./__fixtures__/gateway.ts"
import {
  type Answered,
  ask,
  callsFor,
  read,
  small,
  smallest,
  smallestMicroUsd,
  smallMicroUsd,
} from "./__fixtures__/send-request.ts"

let world: World
let picture: Blob
beforeAll(async () => {
  world = await openWorld({ router: { retries: 1 } })
  const { images } = await read(await ask({ url: world.url, fields: { ...small, prompt: "tea" } }))
  picture = new Blob([Buffer.from(String(images[0]), "base64")], { type: "image/png" })
})
afterAll(() => world.close())

interface Way {
  readonly route: "generations" | "edits"
  readonly manner: "whole" | "as a stream"
  readonly fields: Readonly<Record<string, string>>
  readonly n: number
  readonly microUsd: number
}

const ways: readonly Way[] = (["generations", "edits"] as const).flatMap((route) =>
  (["whole", "as a stream"] as const).map((manner) => ({
    route,
    manner,
    fields: small,
    n: 2,
    microUsd: smallMicroUsd,
  })),
)
const streamed: Way = {
  route: "generations",
  manner: "whole",
  fields: smallest,
  n: 1,
  microUsd: smallestMicroUsd,
}

interface Case extends FaultCase, Way {
  readonly fault: string
  readonly tag: string
}

const cases: readonly Case[] = [
  ...ways.flatMap((way) => faultCases.map((each) => ({ ...each, ...way }))),
  ...streamedCases.map((each) => ({ ...each, ...streamed })),
].map((each, index) => ({ ...each, fault: each.kind + (each.more ?? ""), tag: `case-${index}-` }))

const order = async ({
  route,
  manner,
  fault,
  timeout,
  fields,
  n,
  tag,
}: Case): Promise<Answered> => {
  const image = route === "edits" ? { image: picture } : {}
  const stream = manner === "whole" ? {} : { stream: true }
  const headers = {
    "x-litellm-tags": `case=${tag}`,
    ...(timeout && { "x-litellm-timeout": timeout }),
  }
  return read(
    await ask({
      url: world.url,
      fields: { ...fields, n, prompt: `${tag} [[fault:${fault}]]`, ...image, ...stream },
      headers,
    }),
  )
}

const isPng = (base64: string): boolean => base64.startsWith("iVBORw0K") && base64.length > 1000

/** The answer in the form of the cases. */
const toldBy = ({ status, images, error, report, headers }: Answered) => ({
  status,
  code: error?.code,
  images: images.filter(isPng).length,
  // The message beside them is free text.
  lost: (report?.slots ?? []).map(({ reason: _reason, message: _message, ...slot }) => slot),
  again: status === 200 ? undefined : headers.get("x-should-retry") === "true",
  wait: headers.get("retry-after") ?? undefined,
})

const allFailed = ({ n, code }: Case) =>
  Array.from({ length: n }, (_, index) => ({ index, status: "failed", code }))

const expected = (each: Case) => {
  const { status, code, images = 0, lost = allFailed(each), again, wait } = each
  return { status, code, images, lost, again, wait }
}

const costOf = ({ charged = 0, maybe = 0, microUsd }: Case) => ({
  microUsd: charged * microUsd,
  maybeMicroUsd: maybe * microUsd,
  unpricedImages: 0,
})

it("covers every fault of the emulator", () => {
  expect([...new Set(faultCases.map(({ kind }) => kind))].toSorted()).toEqual(faultKinds.toSorted())
})

describe.concurrent("a fault of the provider", () => {
  it.each(cases)(
    "$fault is answered, booked and over: $route $manner, of $fields.model",
    async (each) => {
      const { calls = 1, ending = "released" } = each
      const answered = await order(each)
      const { report, headers } = answered
      expect(toldBy(answered)).toEqual(expected(each))
      expect(callsFor(world.emulator, each.tag)).toBe(calls)
      const cost = costOf(each)
      const [row, ...others] = await world.books.rows("case", each.tag)
      expect([row?.state, row?.cost, row?.ordered, others]).toEqual([ending, cost, each.n, []])
      expect(report?.cost).toMatchObject({
        micro_usd: cost.microUsd,
        maybe_micro_usd: cost.maybeMicroUsd,
      })
      expect(headers.get("x-litellm-response-cost")).toBe(
        String((cost.microUsd + cost.maybeMicroUsd) / 1_000_000),
      )
      expect(headers.get("x-litellm-attempted-retries")).toBe(String(calls - 1))
    },
  )
})

describe("after all faults", () => {
  it("the gateway serves as before and its ledger is consistent", async () => {
    const { status, images } = await read(
      await ask({ url: world.url, fields: { ...small, prompt: "tea" } }),
    )
    expect([status, images.length]).toEqual([200, 1])
    expect((await fetch(`${world.url}/health/readiness`)).status).toBe(200)
    expect(await world.books.wrong()).toEqual([])
    expect(world.lines.filter(({ msg }) => msg === "unexpected error")).toEqual([])
  })
})
