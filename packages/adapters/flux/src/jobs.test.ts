import {
  createPictor,
  type ImageAdapter,
  type ImageError,
  isImageError,
  type Ledger,
  memoryLedger,
  type Pictor,
  type PictorOptions,
} from "@pictor/core"
import { emulated, type Fault, type RecordedRequest } from "@pictor/flux-emulator"
import { http } from "@pictor/http"
import { afterEach, describe, expect, it } from "vitest"
import { quickFlux } from "./__fixtures__/quick-flux.ts"

const request = { model: "flux-2-pro", prompt: "a lighthouse", size: "256x256" } as const

const open: Pictor[] = []
afterEach(async () => {
  for (const pictor of open.splice(0)) await pictor.close()
})

/** A client of an emulator with these faults, and what the emulator got. */
const setUp = (
  faults: readonly Fault[],
  options: Partial<PictorOptions<readonly ImageAdapter[]>> = {},
) => {
  const requests: RecordedRequest[] = []
  const transport = http({ ...emulated({ requests, faults }), pollsPerSecond: 1000 })
  const ledger = memoryLedger()
  const pictor: Pictor = createPictor({ adapters: [quickFlux(transport)], ledger, ...options })
  open.push(pictor)
  const countOf = (kind: RecordedRequest["kind"]): number =>
    requests.filter((each) => each.kind === kind).length
  return { pictor, ledger, requests, countOf }
}

const errorOf = async (promise: Promise<unknown>): Promise<ImageError> => {
  const end = await promise.catch((error: unknown) => error)
  if (!isImageError(end)) throw new Error("this must fail with an ImageError")
  return end
}

const spentBy = async (ledger: Ledger) => {
  const [spend] = await ledger.spend()
  return [spend?.microUsd ?? 0, spend?.maybeMicroUsd ?? 0]
}

describe("a call of flux", () => {
  it("is a job whose picture is downloaded without the key", async () => {
    const { pictor, ledger, requests, countOf } = setUp([])
    const { images, cost } = await pictor.generate(request)
    expect(images).toMatchObject([{ mediaType: "image/jpeg", width: 256, height: 256 }])
    expect([cost.microUsd, countOf("submit"), countOf("download")]).toEqual([30_000, 1, 1])
    const keys = requests.map(({ kind, headers }) => [kind, "x-key" in headers])
    expect(keys.filter(([kind]) => kind === "download")).toEqual([["download", false]])
    expect(await spentBy(ledger)).toEqual([30_000, 0])
  })

  it.each<Fault["kind"]>([
    "poll-error",
    "poll-unavailable",
    "poll-throttled",
    "reset-poll",
    "download-error",
    "reset-download",
  ])("survives %s and is ordered once", async (kind) => {
    const { pictor, ledger, countOf } = setUp([{ kind, count: 2 }], {
      retry: { attempts: 3, maybeBilled: true },
    })
    const { cost } = await pictor.generate(request)
    expect([cost.microUsd, countOf("submit")]).toEqual([30_000, 1])
    expect(await spentBy(ledger)).toEqual([30_000, 0])
  })

  it.each([
    ["request-moderated", "content_filtered", "prompt"],
    ["content-moderated", "content_filtered", "output"],
    ["error", "provider_failed", undefined],
    ["failed", "provider_failed", undefined],
  ] as const)("that ends with %s is %s, free and ordered once", async (kind, code, stage) => {
    const { pictor, ledger, countOf } = setUp([{ kind }])
    const error = await errorOf(pictor.generate(request))
    expect([error.code, error.stage, countOf("submit")]).toEqual([code, stage, 1])
    expect(await spentBy(ledger)).toEqual([0, 0])
    expect(error.message).not.toContain("lighthouse")
  })

  it("whose picture has expired is charged", async () => {
    const { pictor, ledger } = setUp([{ kind: "expired-sample" }])
    const error = await errorOf(pictor.generate(request))
    expect([error.code, error.cost?.microUsd]).toEqual(["provider_failed", 30_000])
    expect(await spentBy(ledger)).toEqual([30_000, 0])
  })

  it("whose job is lost may be charged, and is not ordered again", async () => {
    const { pictor, ledger, countOf } = setUp([{ kind: "task-not-found" }], {
      retry: { attempts: 3, maybeBilled: true },
    })
    const error = await errorOf(pictor.generate(request))
    expect([error.code, error.maybeBilled, countOf("submit")]).toEqual(["provider_failed", true, 1])
    expect(await spentBy(ledger)).toEqual([0, 30_000])
  })

  it.each([
    ["no-credits", "quota_exceeded"],
    ["forbidden", "unauthenticated"],
    ["invalid", "invalid_request"],
    ["too-many-tasks", "rate_limited"],
    ["unavailable", "unavailable"],
  ] as const)("that is refused with %s is %s, and free", async (kind, code) => {
    const { pictor, ledger } = setUp([{ kind }], { retry: false })
    const error = await errorOf(pictor.generate(request))
    expect([error.code, error.maybeBilled]).toEqual([code, false])
    expect(await spentBy(ledger)).toEqual([0, 0])
  })

  it("that is aborted after its order is held, and its image can still be had", async () => {
    const { pictor, ledger, countOf } = setUp([])
    const controller = new AbortController()
    const submitted: Ledger["submitted"] = ledger.submitted
    ledger.submitted = async (...args) => {
      await submitted(...args)
      controller.abort(new Error("nothing was sent"))
    }
    const error = await errorOf(pictor.generate(request, { signal: controller.signal }))
    expect([error.code, error.maybeBilled]).toEqual(["aborted", true])
    expect(await spentBy(ledger)).toEqual([0, 30_000])
    const [row] = await pictor.unfinished()
    expect(row?.resumable).toBe(true)
    let result = await pictor.resume(row?.id ?? "")
    while (result.status === "running") result = await pictor.resume(row?.id ?? "")
    expect(result).toMatchObject({ status: "delivered", cost: { microUsd: 30_000 } })
    expect([await spentBy(ledger), countOf("submit")]).toEqual([[30_000, 0], 1])
  })

  it("is delivered though the ledger cannot record its job", async () => {
    const { pictor, ledger, countOf } = setUp([])
    ledger.submitted = () => Promise.reject(new Error("the disk is full"))
    const { images, warnings } = await pictor.generate(request)
    expect([images.length, warnings.length, countOf("submit")]).toEqual([1, 1, 1])
    expect(await spentBy(ledger)).toEqual([30_000, 0])
  })

  it("costs a customer's own price rather than the stated one", async () => {
    const { pictor } = setUp([], {
      prices: [{ model: "flux-2-pro", microUsd: 12_345, source: "contract" }],
    })
    expect((await pictor.generate(request)).cost.microUsd).toBe(12_345)
  })
})
