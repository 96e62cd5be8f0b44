import { callClauses } from "./calls.ts"
import type { TransportClause, TransportContext, TransportContract } from "./contract.ts"
import { errorClauses } from "./errors.ts"
import { fileClauses } from "./files.ts"
import { jobClauses } from "./jobs.ts"
import { type TransportClauseId, transportSentences } from "./sentences.ts"
import { startServer } from "./server.ts"

const runs: Readonly<Record<TransportClauseId, TransportClause>> = {
  ...callClauses,
  ...errorClauses,
  ...jobClauses,
  ...fileClauses,
}

/** Every clause as data, in the order of `transportSentences`. */
export const transportClauses = Object.entries(transportSentences).map(([id, sentence]) => ({
  id: id as TransportClauseId,
  sentence,
  run: runs[id as TransportClauseId],
}))

/** Why a clause does not apply to a transport, or undefined. */
export const skipReason = (
  { jobs, files, skip = {} }: TransportContract,
  id: TransportClauseId,
): string | undefined => {
  if (id.startsWith("job-") && !jobs) return "the transport has no jobs"
  if (id.startsWith("file-") && !files) return "the transport fetches no files"
  return skip[id]
}

/** Runs a clause, and closes what it opened. */
export const runClause = async (
  run: TransportClause,
  { contract, expect }: Pick<TransportContext, "contract" | "expect">,
): Promise<void> => {
  const cleanups: (() => Promise<unknown>)[] = []
  try {
    await run({
      contract,
      expect,
      serve: async (respond) => {
        const server = await startServer(respond)
        cleanups.push(server.close)
        return server
      },
      connect: (setup) => {
        const transport = contract.create(setup)
        cleanups.push(async () => transport.close?.())
        return transport
      },
    })
  } finally {
    await Promise.allSettled(cleanups.map((cleanup) => cleanup()))
  }
}
