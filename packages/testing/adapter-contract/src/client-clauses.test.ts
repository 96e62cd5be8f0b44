import type { Pictor, PictorOptions, Plan } from "@pictor/core"
import { expect, test, vi } from "vitest"
import { editingContract } from "./__fixtures__/editor.ts"
import { contract } from "./__fixtures__/mini.ts"
import { clauses } from "./clauses.ts"
import { cached } from "./provider.ts"

/**
 * A client that reports no change, rejects no plan, charges for failed plans, and ignores the
 * signal.
 */
vi.mock("@pictor/core", async (original) => {
  const core = await original<typeof import("@pictor/core")>()
  const createPictor = (options: PictorOptions<[]>): Pictor => {
    const client = core.createPictor(options) as Pictor
    const nothing = { changes: [], calls: [], resolved: {} } as unknown as Plan
    const plan: Pictor["plan"] = async (request) => ({
      ...(await client.plan(request).catch(() => nothing)),
      changes: [],
    })
    const generate: Pictor["generate"] = (request) => client.generate(request)
    const run: Pictor["run"] = (made) =>
      client.run(made).catch((error: Error) => {
        throw Object.assign(error, { cost: made.estimate })
      })
    return { ...client, plan, generate, run }
  }
  return { ...core, createPictor }
})

test.each([
  {
    id: "input-missing",
    message: "mini-editor, inpaint without image: this must fail with an ImageError",
  },
  {
    id: "input-foreign",
    message:
      "with keepPrompt, which the task does not take, adapt: this must fail with an ImageError",
  },
  { id: "input-limits", message: "image of another type: this must fail with an ImageError" },
  { id: "range-beyond", message: "guidance 0: expected []" },
  { id: "change-reported", message: 'quality "hd" is used as "premium"' },
  { id: "cost-undelivered", message: "the sum of the slots' costs" },
  { id: "abort-before", message: "this must fail with an ImageError" },
])("$id, which no adapter can break, fails for a broken client", async ({ id, message }) => {
  const clause = clauses.find((each) => each.id === id)
  const given = id.startsWith("input-") ? editingContract : contract
  await expect(async () =>
    clause?.run({ contract: given, expect, deliver: cached(contract.provider) }),
  ).rejects.toThrow(message)
})
