import type { Pictor, PictorOptions } from "@pictor/core"
import { expect, test, vi } from "vitest"
import { contract } from "./__fixtures__/mini.ts"
import { clauses } from "./clauses.ts"
import { cached } from "./provider.ts"

/** A client that reports no change, and hears no signal. */
vi.mock("@pictor/core", async (original) => {
  const core = await original<typeof import("@pictor/core")>()
  const createPictor = (options: PictorOptions<[]>): Pictor => {
    const client = core.createPictor(options) as Pictor
    const plan: Pictor["plan"] = async (request) => ({ ...(await client.plan(request)), changes: [] })
    const generate: Pictor["generate"] = (request) => client.generate(request)
    return { ...client, plan, generate }
  }
  return { ...core, createPictor }
})

test.each([
  { id: "range-beyond", message: "guidance 0: expected []" },
  { id: "change-reported", message: 'quality "hd" is used as "premium"' },
  { id: "abort-before", message: "this has to fail with an ImageError" },
])("$id, which no adapter can break, fails for a broken client", async ({ id, message }) => {
  const clause = clauses.find((each) => each.id === id)
  await expect(async () => clause?.run({ contract, expect, deliver: cached(contract.provider) })).rejects.toThrow(message)
})
