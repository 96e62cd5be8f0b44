import { fileURLToPath } from "node:url"
import { invalid } from "@pictor/core/ledger"
import type { Kysely } from "kysely"
import type { Database, Engine, EngineName } from "./engine.ts"
import { migrate, type Schema } from "./migrate.ts"
import { postgresEngine } from "./postgres.ts"
import { sqliteEngine } from "./sqlite.ts"
import { patiently, transact } from "./transaction.ts"

export interface DatabaseOptions {
  /** How long an operation waits for a lock, or for a server that restarts, before it fails with `unavailable`; 10,000 by default. */
  readonly waitMs?: number
  /** PostgreSQL: connections of this process, at most; 4 by default. */
  readonly connections?: number
  /** SQLite: the file grows no larger. */
  readonly maxBytes?: number
}

/** An app's own tables. What fails throws an `ImageError` that says what to do, the database's own error as its `cause`. */
export interface OwnTables<Tables> {
  /** Reads what is committed. `work` may run again where a lock or a restart was in the way. */
  read<Out>(work: (db: Kysely<Tables>) => Promise<Out>): Promise<Out>
  /**
   * One transaction: all of it is on the disk when it resolves, or nothing is written. `work` asks only `db`, never the ledger, and may run again,
   * even after it was written where the connection was lost with the answer: it writes what can be written twice.
   */
  write<Out>(work: (db: Kysely<Tables>) => Promise<Out>): Promise<Out>
}

/** A database that holds a ledger, an app's own tables, or both. */
export interface OpenDatabase {
  readonly engine: EngineName
  readonly readOnly: boolean
  /**
   * Brings an app's own tables to their newest version; any number of processes may do it at once. `allowed: false`: only sees that they are there.
   * Throws `invalid_request` where they are newer, or older and may not be changed.
   */
  migrate<Tables>(schema: Schema<Tables>, allowed?: boolean): Promise<OwnTables<Tables>>
  close(): Promise<void>
}

export const defaultWaitMs = 10_000

/** A connection over TLS takes several round trips. */
const shortestConnectMs = 1000

const openEngine = async (
  url: string,
  { connections = 4, maxBytes }: DatabaseOptions,
  waitMs: number,
): Promise<Engine> => {
  if (/^postgres(ql)?:/.test(url))
    return postgresEngine({
      url,
      connections,
      connectTimeoutMs: Math.max(shortestConnectMs, waitMs),
    })
  if (!url.startsWith("file:"))
    throw invalid('A ledger is at "file:./pictor.db" or at "postgres://user@host/database".')
  const [place = "", query] = url.split("?")
  const path = place.startsWith("file://")
    ? fileURLToPath(place)
    : decodeURIComponent(place.slice("file:".length))
  if (path === "") throw invalid('A ledger in a file has a path: "file:./pictor.db".')
  return sqliteEngine(
    { path, readOnly: new URLSearchParams(query).get("mode") === "ro", maxBytes },
    performance.now() + waitMs,
  )
}

const engines = new WeakMap<OpenDatabase, Engine>()

const ownTables = <Tables>(engine: Engine, waitMs: number): OwnTables<Tables> => {
  // The same connections: kysely only has to be told of other tables.
  const own = (db: Database) => db as unknown as Kysely<Tables>
  const wait = <Out>(work: () => Promise<Out>): Promise<Out> =>
    patiently(engine, performance.now() + waitMs, work)
  return {
    read: (work) => wait(() => work(own(engine.reader))),
    write: (work) =>
      wait(() =>
        transact(engine, "own", async (connection) => ({
          out: await work(own(connection)),
          writes: [],
        })),
      ),
  }
}

/**
 * Opens a file (`file:./pictor.db`, or `file:./pictor.db?mode=ro` to read only) or a PostgreSQL database (`postgres://…`), for a ledger
 * (`openLedger(database)`) and for tables of an app's own. The URL is trusted, a table's content is the app's. Throws an `ImageError` that says what
 * to do: `unavailable`, `forbidden` or `invalid_request`.
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
  const { waitMs = defaultWaitMs } = options
  const engine = await openEngine(url, options, waitMs)
  const database: OpenDatabase = {
    engine: engine.name,
    readOnly: engine.readOnly,
    migrate: async (schema, allowed = true) => {
      await patiently(engine, performance.now() + waitMs, () => migrate(engine, schema, allowed))
      return ownTables(engine, waitMs)
    },
    close: () => engine.close(),
  }
  engines.set(database, engine)
  return database
}

/** The engine of a place, and what to do when it is not needed any more: who opened a database closes it. */
export const enter = async (
  place: string | OpenDatabase,
  options: DatabaseOptions,
): Promise<{ engine: Engine; leave(): Promise<void> }> => {
  const database = typeof place === "string" ? await openDatabase(place, options) : place
  const engine = engines.get(database)
  if (!engine)
    throw invalid(
      "This is no database of this @pictor/ledger: give a URL, or what openDatabase gave.",
    )
  return { engine, leave: async () => (database === place ? undefined : engine.close()) }
}
