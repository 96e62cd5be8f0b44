import { fileURLToPath } from "node:url"
import { checkOptionNames, invalid } from "@pictor/core/ledger"
import type { Kysely } from "kysely"
import type { Database, Engine, EngineName } from "./engine.ts"
import { migrate, type Schema } from "./migrate.ts"
import { postgresEngine } from "./postgres.ts"
import { sqliteEngine } from "./sqlite.ts"
import { retry, transact } from "./transactions.ts"

export interface DatabaseOptions {
  /**
   * How long an operation waits for a lock or a restarting server before it fails with
   * `unavailable`; 10,000 by default.
   */
  readonly waitMs?: number
  /** PostgreSQL: maximum number of connections of this process; 4 by default. */
  readonly connections?: number
  /** SQLite: maximum size of the file. */
  readonly maxBytes?: number
}

/** Tables of an app. An error is an `ImageError` with the database's error as its `cause`. */
export interface OwnTables<Tables> {
  /** Reads committed data. `work` may run again after a lock or a restart. */
  read<Out>(work: (db: Kysely<Tables>) => Promise<Out>): Promise<Out>
  /**
   * Runs `work` in one transaction, which is on the disk when the promise resolves; an error rolls
   * it back. `work` uses only `db`, never the ledger. It may run again, even after a commit whose
   * answer was lost with the connection, so its writes must be repeatable.
   */
  write<Out>(work: (db: Kysely<Tables>) => Promise<Out>): Promise<Out>
}

/** A database for a ledger, for tables of an app, or for both. */
export interface OpenDatabase {
  readonly engine: EngineName
  readonly readOnly: boolean
  /**
   * Upgrades an app's tables to the newest version; several processes may do so at once. With
   * `allowed: false` it only checks the version. Throws `invalid_request` if the tables are newer,
   * or if they are older and may not be changed.
   */
  migrate<Tables>(schema: Schema<Tables>, allowed?: boolean): Promise<OwnTables<Tables>>
  close(): Promise<void>
}

export const defaultWaitMs = 10_000

export const databaseOptionNames = { waitMs: true, connections: true, maxBytes: true } as const

/** A connection over TLS takes several round trips. */
const minConnectMs = 1000

const openEngine = async (
  url: string,
  { connections = 4, maxBytes }: DatabaseOptions,
  waitMs: number,
): Promise<Engine> => {
  if (/^postgres(ql)?:/.test(url))
    return postgresEngine({ url, connections, connectTimeoutMs: Math.max(minConnectMs, waitMs) })
  if (!url.startsWith("file:"))
    throw invalid(
      'The URL of a ledger must be "file:./pictor.db" or "postgres://user@host/database".',
    )
  const [place = "", query] = url.split("?")
  const path = place.startsWith("file://")
    ? fileURLToPath(place)
    : decodeURIComponent(place.slice("file:".length))
  if (path === "")
    throw invalid('The URL of a ledger in a file needs a path, such as "file:./pictor.db".')
  return sqliteEngine(
    { path, readOnly: new URLSearchParams(query).get("mode") === "ro", maxBytes },
    performance.now() + waitMs,
  )
}

const engines = new WeakMap<OpenDatabase, Engine>()

const ownTables = <Tables>(engine: Engine, waitMs: number): OwnTables<Tables> => {
  // Only the types differ: the connections are the ledger's.
  const own = (db: Database) => db as unknown as Kysely<Tables>
  const withRetry = <Out>(work: () => Promise<Out>): Promise<Out> =>
    retry(engine, performance.now() + waitMs, work)
  return {
    read: (work) => withRetry(() => work(own(engine.reader))),
    write: (work) =>
      withRetry(() =>
        transact(engine, "own", async (connection) => ({
          out: await work(own(connection)),
          writes: [],
        })),
      ),
  }
}

/**
 * Opens a file (`file:./pictor.db`, or `file:./pictor.db?mode=ro` for reading) or a PostgreSQL
 * database (`postgres://…`), for a ledger (`openLedger(database)`) and for tables of an app. Do not
 * take the URL from an untrusted source. Throws an `ImageError` that says what to do:
 * `unavailable`, `forbidden` or `invalid_request`.
 *
 * @example
 * const database = await openDatabase("file:./pictor.db")
 * const ledger = await openLedger(database)
 * const notes = await database.migrate<{ note: { text: string } }>({
 *   versionTable: "note_version",
 *   owner: "my-app",
 *   migrations: [(db) => db.schema.createTable("note").addColumn("text", "text").execute()],
 * })
 * await notes.write((db) => db.insertInto("note").values({ text: "Hello." }).execute())
 */
export const openDatabase = async (
  url: string,
  options: DatabaseOptions = {},
): Promise<OpenDatabase> => {
  checkOptionNames("openDatabase", options, databaseOptionNames)
  return open(url, options)
}

const open = async (url: string, options: DatabaseOptions): Promise<OpenDatabase> => {
  const { waitMs = defaultWaitMs } = options
  const engine = await openEngine(url, options, waitMs)
  const database: OpenDatabase = {
    engine: engine.name,
    readOnly: engine.readOnly,
    migrate: async (schema, allowed = true) => {
      await retry(engine, performance.now() + waitMs, () => migrate(engine, schema, allowed))
      return ownTables(engine, waitMs)
    },
    close: () => engine.close(),
  }
  engines.set(database, engine)
  return database
}

/** The engine of a URL or an open database. `release` closes what this function opened. */
export const engineOf = async (
  place: string | OpenDatabase,
  options: DatabaseOptions,
): Promise<{ engine: Engine; release(): Promise<void> }> => {
  const database = typeof place === "string" ? await open(place, options) : place
  const engine = engines.get(database)
  if (!engine)
    throw invalid(
      "The database was not opened by this copy of @pictor/ledger: pass a URL or the result of openDatabase.",
    )
  return { engine, release: async () => (database === place ? undefined : engine.close()) }
}
