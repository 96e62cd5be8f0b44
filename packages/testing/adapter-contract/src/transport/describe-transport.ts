import { describe, test } from "vitest"
import { runClause, skipReason, transportClauses } from "./clauses.ts"
import type { TransportContract } from "./contract.ts"

const timeoutMs = 60_000

/**
 * Tests a transport against Pictor's contract, over a server of the kit on loopback: one test per
 * clause.
 *
 * @example
 * describeTransport("my-transport", {
 *   create: ({ url, timeoutMs }) => myTransport({ key: "test-key-1", url, timeoutMs }),
 *   call: { model: "painter-1", modelId: "painter-1", body: { prompt: "a lighthouse" } },
 *   secrets: ["test-key-1"],
 * })
 */
export const describeTransport = (name: string, contract: TransportContract): void => {
  describe(`${name} keeps the transport contract`, () => {
    for (const { id, sentence, run } of transportClauses) {
      const reason = skipReason(contract, id)
      const note = reason === undefined ? "" : ` (skipped: ${reason})`
      // oxlint-disable-next-line vitest/expect-expect -- the clause has the assertions
      test(
        `[${id}] ${sentence}${note}`,
        { timeout: timeoutMs, skip: reason !== undefined },
        ({ expect }) => runClause(run, { contract, expect }),
      )
    }
    test("[skip] every skipped clause exists and has a reason", ({ expect }) => {
      const ids = transportClauses.map(({ id }): string => id)
      const wrong = Object.entries(contract.skip ?? {}).filter(
        ([id, reason]) => !ids.includes(id) || reason.trim() === "",
      )
      expect(wrong).toEqual([])
    })
  })
}
