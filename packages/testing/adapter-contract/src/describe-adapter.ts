import { describe, test } from "vitest"
import { clauses } from "./clauses.ts"
import type { AdapterContract, Context } from "./contract.ts"
import { cached } from "./provider.ts"
import { skipMistakes } from "./skips.ts"

const timeoutMs = 60_000

/**
 * Tests an adapter against Pictor's contract: one test per clause, for every task of every model.
 *
 * @example
 * describeAdapter("echo", {
 *   create: echo,
 *   provider: echoTransport().invoke,
 *   requests: { "text-to-image": { prompt: "a lighthouse", size: "64x64" } },
 *   skip: { "filtered-all": "echo filters nothing" },
 * })
 */
export const describeAdapter = (name: string, contract: AdapterContract): void => {
  const { skip = {} } = contract
  const shared: Omit<Context, "expect"> = { contract, deliver: cached(contract.provider) }
  describe(`${name} keeps the adapter contract`, () => {
    for (const { id, sentence, run } of clauses) {
      const reason = skip[id]
      const note = reason === undefined ? "" : ` (skipped: ${reason})`
      // oxlint-disable-next-line vitest/expect-expect -- the clause has the assertions
      test(
        `[${id}] ${sentence}${note}`,
        { timeout: timeoutMs, skip: reason !== undefined },
        ({ expect }) => run({ ...shared, expect }),
      )
    }
    test("[skip] every skipped clause exists and has a reason", ({ expect }) => {
      expect(skipMistakes(contract)).toEqual([])
    })
  })
}
