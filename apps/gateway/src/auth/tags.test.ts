import type { ImageRequest } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { calls } from "../request-context.ts"
import type { Caller, Deployment, GatewayCall } from "../types.ts"
import { ledgerTags } from "./tags.ts"

const caller: Caller = {
  kind: "key",
  keyId: "k1",
  keyAlias: "garden",
  account: { key: "k1" },
  tags: { project: "garden", print: "" },
  models: [],
  aliases: {},
  modelBudgets: ["painter"],
}

/** The request that reaches the ledger. */
const tagged = async (
  tags: Readonly<Record<string, string>>,
  { clientTagsSpend = false, ...more }: Partial<GatewayCall> & { clientTagsSpend?: boolean } = {},
): Promise<ImageRequest> => {
  const call: GatewayCall = {
    id: "req-1",
    caller,
    startedMs: 0,
    group: "painter",
    currentGroup: "painter",
    deployment: { id: "painter-1" } as Deployment,
    retries: 0,
    fallbacks: 0,
    ...more,
  }
  let seen: ImageRequest | undefined
  await calls.run(call, async () =>
    ledgerTags({ groupOf: (name) => name, clientTagsSpend }).request?.(
      { model: "m", prompt: "tea", tags, clientTags: ["project"] },
      async (request) => {
        seen = request
        return {} as never
      },
    ),
  )
  return seen as ImageRequest
}

describe("the tags of a request", () => {
  const own = {
    "pictor.call_id": "req-1",
    "pictor.model_group": "painter",
    "pictor.model_id": "painter-1",
    "pictor.key_alias": "garden",
    "pictor.key_model": "k1/painter",
  }

  it("include the gateway's own, and none of that prefix from a client", async () => {
    const forged = { "pictor.key_model": "k2/painter", "pictor.other": "x" }
    expect((await tagged({ a: "b", ...forged })).tags).toEqual({ a: "b", ...own })
  })

  it("of a client spend no budget unless the key lists them", async () => {
    const given = { project: "garden", print: "x", said: "y" }
    expect((await tagged(given)).clientTags).toEqual(["print", "said"])
    expect(await tagged({ project: "garden" })).not.toHaveProperty("clientTags")
  })

  it("of a client spend budgets with client_tags_spend_budgets", async () => {
    expect(await tagged({ said: "y" }, { clientTagsSpend: true })).not.toHaveProperty("clientTags")
  })

  it("of the operator spend budgets", async () => {
    const operator: Caller = { ...caller, kind: "master" }
    expect(await tagged({ said: "y" }, { caller: operator })).not.toHaveProperty("clientTags")
  })
})
