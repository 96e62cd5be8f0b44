import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { type PostgresServer, startPostgres } from "./postgres-server.ts"

export interface Places {
  /** The engines' names, and a function that creates a database and returns its URL. */
  readonly all: readonly (readonly [string, () => Promise<string>])[]
  server(): PostgresServer
  folder(): string
}

/** A folder and a PostgreSQL server for the tests of a file. */
export const usePlaces = (): Places => {
  let folder = ""
  let files = 0
  let server: PostgresServer | undefined
  const running = (): PostgresServer => {
    if (!server) throw new Error("The server has not started yet.")
    return server
  }
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pictor-ledger-"))
    server = await startPostgres()
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    all: [
      ["SQLite", async () => `file:${folder}/${files++}.db`],
      ["PostgreSQL", () => running().fresh()],
    ],
    server: running,
    folder: () => folder,
  }
}
