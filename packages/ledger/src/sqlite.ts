import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"
import {
  CompiledQuery,
  Kysely,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteStatement,
  sql,
} from "kysely"
import type { Database, Dialect, Engine } from "./engine.ts"
import { keepRows } from "./kept.ts"
import { isBusy, sqliteError } from "./sqlite-error.ts"
import { slot } from "./statement.ts"
import type { Tables } from "./tables.ts"
import { patiently } from "./transaction.ts"

export interface SqliteOptions {
  readonly path: string
  readonly readOnly: boolean
  /** The file grows no larger. */
  readonly maxBytes: number | undefined
}

/** A batch blocks the event loop while it is written. */
const batchSize = 500

const raise = (table: string): string => `begin select raise(abort, '${table} is append-only'); end`

const facts =
  "id, time_ms, day, model, task, account_key, account_user, account_team, tags, size, quality, price, seed, run_id, ordered"

const dialect: Dialect = {
  idType: "text",
  findTable: (name) => sql`select 1 from sqlite_schema where name = ${name}`,
  appendOnly: [
    `create trigger pictor_call_facts before update of ${facts} on pictor_call ${raise("pictor_call")}`,
    `create trigger pictor_call_kept before delete on pictor_call ${raise("pictor_call")}`,
    `create trigger pictor_entry_same before update on pictor_entry ${raise("pictor_entry")}`,
    `create trigger pictor_entry_kept before delete on pictor_entry ${raise("pictor_entry")}`,
  ],
  records: <Shape extends object>(
    columns: Readonly<Record<string, string>>,
    read: (values: never) => readonly Shape[],
  ) => {
    const cells = Object.keys(columns).map(
      (name) => sql`value ->> ${sql.lit(`$.${name}`)} as ${sql.ref(name)}`,
    )
    return sql<Shape>`(select ${sql.join(cells)} from json_each(${slot((values) => JSON.stringify(read(values)))}))`.as<"r">(
      sql.ref("r"),
    )
  },
  // Parameters of its own for each record are read several times as fast as JSON, and a statement that is kept is soon run again.
  writes: "each",
  // Numbers of JavaScript arrive as doubles; a column makes whole numbers of them again.
  written: <Shape extends object>() => ({
    cell: (name: keyof Shape) => slot((record: Shape) => record[name] ?? null),
    from: undefined,
  }),
  among: (text, read) =>
    sql`${text} in (select value from json_each(${slot((values) => JSON.stringify(read(values)))}))`,
  tag: (tags, name) => sql`(select value from json_each(${tags}) where key = ${name})`,
}

/** Speaks to kysely for node:sqlite; statements are kept, as their texts are few. */
const toKysely = (file: DatabaseSync): SqliteDatabase => {
  const kept = new Map<string, SqliteStatement>()
  const prepare = (text: string): SqliteStatement => {
    const statement: StatementSync = file.prepare(text)
    const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...values(parameters)),
      run: (parameters) => statement.run(...values(parameters)),
      iterate: (parameters) => statement.iterate(...values(parameters)),
    }
  }
  return {
    close: () => file.close(),
    prepare: (text) => {
      const statement = kept.get(text) ?? prepare(text)
      kept.set(text, statement)
      return statement
    },
  }
}

const configure = (file: DatabaseSync, { readOnly, maxBytes }: SqliteOptions): void => {
  if (!readOnly) file.exec("pragma journal_mode = wal; pragma synchronous = full")
  if (maxBytes === undefined) return
  const { page_size: pageBytes } = file.prepare("pragma page_size").get() as {
    readonly page_size: number
  }
  file.exec(`pragma max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes))}`)
}

interface Opened {
  readonly db: Database
  /** Without kysely's queue for a connection, which takes longer than most statements: who has the connection has it alone. */
  readonly execute: (query: CompiledQuery) => readonly unknown[]
}

/** Whoever finds it locked is told at once, and waits without blocking the process. */
const open = (options: SqliteOptions): Opened => {
  const file = new DatabaseSync(options.path, { readOnly: options.readOnly, timeout: 0 })
  try {
    configure(file, options)
  } catch (error) {
    file.close()
    throw error
  }
  const database = toKysely(file)
  return {
    db: new Kysely<Tables>({ dialect: new SqliteDialect({ database }) }),
    execute: ({ sql: text, parameters }) => {
      const statement = database.prepare(text)
      if (statement.reader) return statement.all(parameters)
      statement.run(parameters)
      return []
    },
  }
}

const begin = CompiledQuery.raw("begin immediate")

/** https://sqlite.org/pragma.html#pragma_data_version, seen 2026-11-21 */
const dataVersion = CompiledQuery.raw("pragma data_version")

/** What begins a transaction has the connection to itself. */
const oneByOne = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <Out>(work: () => Promise<Out>): Promise<Out> => {
    const next = last.then(work)
    last = next.catch(() => {})
    return next
  }
}

/** One file, written by any number of processes of one machine. */
export const sqliteEngine = async (options: SqliteOptions, deadlineMs: number): Promise<Engine> => {
  const verdicts = {
    isPassing: isBusy,
    toImageError: (error: unknown) => sqliteError(error, options.path),
  }
  const writer = await patiently(verdicts, deadlineMs, async () => open(options))
  const { db } = writer
  const reader = await patiently(verdicts, deadlineMs, async () =>
    open({ ...options, readOnly: true }),
  ).catch(async (error: unknown) => {
    await db.destroy()
    throw error
  })
  const inTurn = oneByOne()
  return {
    ...verdicts,
    name: "sqlite",
    reader: reader.db,
    readOnly: options.readOnly,
    shared: false,
    pipelines: false,
    stripe: 0,
    batchSize,
    dialect,
    kept: keepRows(() => JSON.stringify(writer.execute(dataVersion))),
    connect: (use) => inTurn(() => use(db)),
    // Kysely knows what a statement gives.
    execute: async (on, query) => (on === reader.db ? reader : writer).execute(query) as never[],
    begin: () => begin,
    close: async () => {
      await reader.db.destroy()
      await db.destroy()
    },
  }
}
