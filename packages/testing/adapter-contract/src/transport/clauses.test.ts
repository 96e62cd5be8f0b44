import { describe, expect, test } from "vitest"
import { flaws, key, minimal } from "../__fixtures__/broken-transport.ts"
import { runClause, skipReason, transportClauses } from "./clauses.ts"
import type { TransportContract } from "./contract.ts"
import { describeTransport } from "./describe-transport.ts"

const contract: TransportContract = {
  create: minimal,
  call: { model: "painter-1", modelId: "painter-1", body: { prompt: "a lighthouse" } },
  secrets: [key],
}

// A transport of one's own, on Node's HTTP client, keeps the contract.
describeTransport("a minimal transport", contract)

/** The clauses that a transport breaks. */
const brokenBy = async (create: TransportContract["create"]): Promise<readonly string[]> => {
  const own = { ...contract, create }
  const broken = await Promise.all(
    transportClauses
      .filter(({ id }) => skipReason(own, id) === undefined)
      .map(({ id, run }) =>
        runClause(run, { contract: own, expect }).then(
          () => [],
          () => [id],
        ),
      ),
  )
  return broken.flat()
}

describe("a transport with one mistake breaks exactly its clauses", () => {
  test.each(Object.entries(flaws))("%s", async (_, { clauses, create }) => {
    expect(await brokenBy(create)).toEqual(clauses)
  })

  test("a transport that never ends a call breaks the clauses that wait for it", async () => {
    const stuck: TransportContract["create"] = (setup) => ({
      ...minimal(setup),
      invoke: () => new Promise(() => {}),
    })
    const applicable = transportClauses.filter(({ id }) => skipReason(contract, id) === undefined)
    expect(await brokenBy(stuck)).toEqual(applicable.map(({ id }) => id))
  })
})

describe("skipReason", () => {
  test("is there for parts that the contract does not declare, and for skipped clauses", () => {
    expect(skipReason(contract, "job-lost")).toBe("the transport has no jobs")
    expect(skipReason(contract, "file-gone")).toBe("the transport fetches no files")
    expect(skipReason({ ...contract, skip: { "error-html": "why" } }, "error-html")).toBe("why")
    expect(skipReason(contract, "error-html")).toBeUndefined()
  })
})
