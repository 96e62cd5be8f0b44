import { createPictor, type ModelCard, type Pictor } from "@pictor/core"
import {
  decodeImageList,
  defineAdapter,
  type Job,
  type Reply,
  type Transport,
} from "@pictor/core/adapter"
import type { DurableLedger } from "../open-ledger.ts"

const models = [
  {
    id: "job-v1",
    regions: [],
    lifecycle: { status: "active", source: "here" },
    tasks: {
      "text-to-image": {
        imagesPerCall: 2,
        fields: {
          prompt: { kind: "text", path: "prompt", max: 100, source: "here" },
          n: { kind: "count", path: "count", max: 2, source: "here" },
        },
      },
    },
    prices: [{ microUsd: 40_000, source: "here" }],
    sources: { here: { url: "https://example.org", seen: "2026-11-20" } },
  },
] as const satisfies readonly ModelCard[]

const family = defineAdapter({ name: "jobs", models, decode: decodeImageList })

/** Submits to `job-server.ts`, and polls until the job has ended. */
const transportTo = (url: string): Transport => {
  const poll = async ({ id }: Job): Promise<Reply | "running" | "lost"> => {
    const response = await fetch(`${url}/${id}`)
    if (response.status === 404) return "lost"
    if (response.status !== 200) return "running"
    return { status: 200, headers: {}, body: new Uint8Array(await response.arrayBuffer()) }
  }
  return {
    name: "jobs",
    invoke: async ({ body, onSubmitted }) => {
      const response = await fetch(url, { method: "POST", body: JSON.stringify(body) })
      const job = (await response.json()) as Job
      await onSubmitted?.(job)
      for (;;) {
        const seen = await poll(job)
        if (typeof seen !== "string") return seen
      }
    },
    resume: poll,
  }
}

export const jobClient = (ledger: DurableLedger, url: string): Pictor =>
  createPictor({ adapters: [family(transportTo(url))], ledger })

/** The request of a key. */
export const requestOf = (key: string) =>
  ({ model: "job-v1", prompt: key, n: 3, idempotencyKey: key }) as const
