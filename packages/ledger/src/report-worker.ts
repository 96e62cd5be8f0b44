import { Worker } from "node:worker_threads"
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely"
import type { Database } from "./engine.ts"

/** A text, so that it needs no file of its own in a bundle. */
const program = `
const { parentPort, workerData } = require("node:worker_threads")
const { DatabaseSync } = require("node:sqlite")
let file
parentPort.on("message", ({ id, sql, parameters }) => {
  try {
    file ??= new DatabaseSync(workerData, { readOnly: true, timeout: 0 })
    parentPort.postMessage({ id, rows: file.prepare(sql).all(...parameters) })
  } catch (error) {
    const { message, code, errcode } = error
    parentPort.postMessage({ id, error: { message, code, errcode } })
  }
})
`

interface Answer {
  readonly id: number
  readonly rows?: readonly unknown[]
  /** The properties of an error of `node:sqlite`. */
  readonly error?: { readonly message: string; readonly code: string; readonly errcode: number }
}

interface Waiting {
  readonly resolve: (rows: readonly unknown[]) => void
  readonly reject: (error: unknown) => void
}

/** Runs queries in a thread, which the first query starts. It does not keep the process alive. */
const createThread = (path: string) => {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | undefined
  let queries = 0
  const failAll = (error: unknown): void => {
    worker = undefined
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  const answer = ({ id, rows = [], error }: Answer): void => {
    const query = waiting.get(id)
    waiting.delete(id)
    if (waiting.size === 0) worker?.unref()
    if (error) query?.reject(Object.assign(new Error(error.message), error))
    else query?.resolve(rows)
  }
  const start = (): Worker => {
    const started = new Worker(program, { eval: true, workerData: path })
    started.on("message", answer).on("error", failAll)
    started.on("exit", () => failAll(new Error("The thread of reports has ended.")))
    return started
  }
  return {
    query: ({ sql, parameters }: CompiledQuery): Promise<readonly unknown[]> =>
      new Promise((resolve, reject) => {
        worker ??= start()
        worker.ref()
        queries += 1
        waiting.set(queries, { resolve, reject })
        // A thread has no origin.
        // oxlint-disable-next-line unicorn/require-post-message-target-origin
        worker.postMessage({ id: queries, sql, parameters })
      }),
    close: async (): Promise<void> => void (await worker?.terminate()),
  }
}

/** Reads a SQLite file in a thread, so that a long report does not block requests. */
export const reportConnection = (path: string): Database => {
  const thread = createThread(path)
  const connection: DatabaseConnection = {
    executeQuery: async <Row>(query: CompiledQuery): Promise<QueryResult<Row>> => ({
      rows: (await thread.query(query)) as Row[],
    }),
    streamQuery: () => {
      throw new Error("Reports are not streamed.")
    },
  }
  const nothing = async (): Promise<void> => {}
  const driver: Driver = {
    init: nothing,
    acquireConnection: async () => connection,
    beginTransaction: nothing,
    commitTransaction: nothing,
    rollbackTransaction: nothing,
    releaseConnection: nothing,
    destroy: thread.close,
  }
  return new Kysely({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })
}
