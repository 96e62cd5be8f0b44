import { DatabaseSync, type SQLInputValue } from "node:sqlite"
import {
  CompiledQuery,
  Kysely,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteStatement,
  sql,
} from "kysely"
import { type Database, type Dialect, type Engine, requestTagName } from "./engine.ts"
import { reportConnection } from "./report-worker.ts"
import { isBusy, sqliteError } from "./sqlite-error.ts"
import { createMutex, retry } from "./transactions.ts"

export interface SqliteOptions {
  readonly path: string
  readonly readOnly: boolean
  readonly maxBytes: number | undefined
}

/** A batch blocks the event loop while it runs. */
const batchSize = 500

const raise = (table: string): string => `begin select raise(abort, '${table} is append-only'); end`

const facts =
  "id, time_ms, day, model, task, account_key, account_user, account_team, tags, size, quality, price, seed, run_id, ordered"

const requestTag = `json_extract(tags, '$."${requestTagName}"')`

const factsTrigger = (columns: string): string =>
  `create trigger pictor_call_facts before update of ${columns} on pictor_call ${raise("pictor_call")}`

const dialect: Dialect = {
  idType: "text",
  findTable: (name) => sql`select 1 from sqlite_schema where name = ${name}`,
  appendOnly: [
    factsTrigger(facts),
    `create trigger pictor_call_kept before delete on pictor_call ${raise("pictor_call")}`,
    `create trigger pictor_entry_same before update on pictor_entry ${raise("pictor_entry")}`,
    `create trigger pictor_entry_kept before delete on pictor_entry ${raise("pictor_entry")}`,
  ],
  facts,
  replaceFactsTrigger: (columns) => ["drop trigger pictor_call_facts", factsTrigger(columns)],
  texts: (json) => sql`json_each(${json})`,
  isIn: (column, subquery) => sql`${sql.ref(column)} in (${subquery})`,
  requestTag,
  tag: (name, column = "tags") =>
    name === requestTagName && column === "tags"
      ? sql.raw(requestTag)
      : sql`(select value from json_each(${sql.ref(column)}) where key = ${name})`,
}

/** Adapts node:sqlite to Kysely. Statements are few, so each is prepared once. */
const toKysely = (file: DatabaseSync): SqliteDatabase => {
  const prepared = new Map<string, SqliteStatement>()
  const prepare = (text: string): SqliteStatement => {
    const statement = file.prepare(text)
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
      const statement = prepared.get(text) ?? prepare(text)
      prepared.set(text, statement)
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

interface OpenFile {
  readonly db: Database
  /** Bypasses Kysely's queue, which takes longer than most statements. */
  execute<Row>(query: CompiledQuery<Row>): readonly Row[]
}

/** A locked file fails at once, because SQLite's own wait would block the process. */
const openFile = (options: SqliteOptions): OpenFile => {
  const file = new DatabaseSync(options.path, { readOnly: options.readOnly, timeout: 0 })
  try {
    configure(file, options)
  } catch (error) {
    file.close()
    throw error
  }
  const database = toKysely(file)
  return {
    db: new Kysely({ dialect: new SqliteDialect({ database }) }),
    execute: <Row>({ sql: text, parameters }: CompiledQuery<Row>) => {
      const statement = database.prepare(text)
      if (statement.reader) return statement.all(parameters) as readonly Row[]
      statement.run(parameters)
      return []
    },
  }
}

const begin = CompiledQuery.raw("begin immediate")

export const sqliteEngine = async (options: SqliteOptions, deadlineMs: number): Promise<Engine> => {
  const errors = {
    isTransient: isBusy,
    toImageError: (error: unknown) => sqliteError(error, options.path),
  }
  const writer = await retry(errors, deadlineMs, async () => openFile(options))
  const reader = await retry(errors, deadlineMs, async () =>
    openFile({ ...options, readOnly: true }),
  ).catch(async (error: unknown) => {
    await writer.db.destroy()
    throw error
  })
  const exclusively = createMutex()
  const reports = reportConnection(options.path)
  return {
    ...errors,
    name: "sqlite",
    reader: reader.db,
    reports,
    readOnly: options.readOnly,
    shared: false,
    pipelines: false,
    stripe: 0,
    batchSize,
    dialect,
    connect: (use) => exclusively(() => use(writer.db)),
    execute: async (db, query) => (db === reader.db ? reader : writer).execute(query),
    begin: () => begin,
    close: async () => {
      await reports.destroy()
      await reader.db.destroy()
      await writer.db.destroy()
    },
  }
}
