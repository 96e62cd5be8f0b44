import { Writable } from "node:stream"
import {
  CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresDialect,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from "kysely"
import { Pool, type PoolClient, type QueryResultRow, types } from "pg"
import type { Database, Dialect, Engine, Lock } from "./engine.ts"
import { isPassing, postgresError } from "./postgres-error.ts"
import { slot } from "./statement.ts"
import type { Tables } from "./tables.ts"

export interface PostgresOptions {
  readonly url: string
  /** Connections of this process, at most. */
  readonly connections: number
  readonly connectTimeoutMs: number
}

/** bigint and numeric: what the ledger counts is whole and below 2^53. https://www.postgresql.org/docs/18/catalog-pg-type.html, seen 2026-11-20 */
const numbers = new Set<number>([20, 1700])

/** Larger ones hold the locks of a hot budget for longer without being faster. */
const batchSize = 200

/** Processes that count the total in the same row wait for each other. */
const stripes = 64

const facts =
  "id, time_ms, day, model, task, account_key, account_user, account_team, tags, size, quality, price, seed, run_id, ordered"

const forbid = (name: string, event: string, table: string): string =>
  `create trigger ${name} before ${event} on ${table} for each row execute function pictor_forbid()`

/** A column as PostgreSQL reads it: written out here, as numbers and most texts need no look at each character. */
const arrayOf = <Shape>(records: readonly Shape[], name: keyof Shape): string => {
  const elements = records.map((record) => {
    const value = record[name] ?? null
    if (typeof value !== "string") return value === null ? "null" : String(value)
    return `"${/["\\]/.test(value) ? value.replace(/["\\]/g, "\\$&") : value}"`
  })
  return `{${elements.join(",")}}`
}

const toId = (id: string) => ({ id })

const records: Dialect["records"] = <Shape extends object>(
  columns: Readonly<Record<string, string>>,
  read: (values: never) => readonly Shape[],
) => {
  const names = Object.keys(columns)
  // A column at a time: PostgreSQL reads arrays several times as fast as JSON.
  const arrays = Object.entries(columns).map(
    ([name, type]) =>
      sql`${slot((values) => arrayOf(read(values), name as keyof Shape))}::${sql.raw(type)}[]`,
  )
  return sql<Shape>`unnest(${sql.join(arrays)})`.as<"r">(
    sql`${sql.ref("r")}(${sql.join(names.map((name) => sql.ref(name)))})`,
  )
}

const dialect: Dialect = {
  idType: sql`text collate "C"`,
  // Not to_regclass: what a session once did not find it may go on not to find until its transaction ends.
  findTable: (name) =>
    sql`select 1 from pg_catalog.pg_class where relname = ${name} and pg_table_is_visible(oid)`,
  appendOnly: [
    "create function pictor_forbid() returns trigger language plpgsql as $$ begin raise exception '% is append-only', tg_table_name; end $$",
    forbid("pictor_call_facts", `update of ${facts}`, "pictor_call"),
    forbid("pictor_call_kept", "delete", "pictor_call"),
    forbid("pictor_entry_same", "update or delete", "pictor_entry"),
    // Rows that change often find room on their page.
    "alter table pictor_call set (fillfactor = 80)",
    "alter table pictor_tally set (fillfactor = 50)",
  ],
  records,
  writes: "all",
  written: (columns) => ({
    cell: (name) => sql.ref(`r.${name}`),
    from: sql`from ${records(columns, (written: never) => written)}`,
  }),
  among: (text, read) =>
    sql`${text} = any(${slot((values) => arrayOf(read(values).map(toId), "id"))}::text[])`,
  tag: (tags, name) => sql`(${tags}::jsonb ->> ${name})`,
}

/** "pictor" as a number: advisory locks are the database's. */
const lockId = 123_654_917_395_314n

const locks: Readonly<Record<Lock, string>> = {
  schema: `pg_advisory_xact_lock(${lockId})`,
  budgets: `pg_advisory_xact_lock(${lockId})`,
  calls: `pg_advisory_xact_lock_shared(${lockId})`,
  own: "1",
}

/** One round trip. A process that stalls in a transaction loses its locks, and what is committed is on the disk whatever the server's defaults are. */
const begin = (lock: Lock): CompiledQuery =>
  CompiledQuery.raw(
    [
      "begin",
      "set local synchronous_commit = on",
      "set local lock_timeout = 10000",
      "set local idle_in_transaction_session_timeout = 15000",
      // Plans are kept while tables grow.
      "set local plan_cache_mode = force_generic_plan",
      "set local enable_seqscan = off",
      `select ${locks[lock]}`,
    ].join("; "),
  )

const createPool = ({ url, connections, connectTimeoutMs }: PostgresOptions): Pool => {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    pipeline: true,
    application_name: "pictor-ledger",
    types: {
      getTypeParser: ((id: Parameters<typeof types.getTypeParser>[0], format: "text") =>
        numbers.has(id)
          ? Number
          : (types.getTypeParser(id, format) as unknown)) as typeof types.getTypeParser,
    },
  })
  // A connection that is lost tells whoever uses it; without a listener it would end the process too.
  pool.on("error", () => {})
  pool.on("connect", (client) => client.on("error", () => {}))
  return pool
}

/** Names for statements, whose texts are few: a connection parses and plans each once. */
const createNames = () => {
  const names = new Map<string, string>()
  return (text: string): string => {
    const name = names.get(text) ?? `pictor_${names.size}`
    names.set(text, name)
    return name
  }
}

/** What is written in one turn leaves in one system call, which for short statements takes longer than all else. */
const gatherWrites = (client: PoolClient): (() => void) => {
  // pg keeps its socket to itself; should it hide it one day, statements leave one by one as they did.
  const { connection } = client as { readonly connection?: { readonly stream?: unknown } }
  const socket = connection?.stream
  let gathering = false
  return () => {
    if (gathering || !(socket instanceof Writable)) return
    gathering = true
    socket.cork()
    // After all that is due without waiting for anything.
    process.nextTick(() => {
      gathering = false
      socket.uncork()
    })
  }
}

/** One connection of the pool, on which statements go out without waiting for each other. */
const pin = (client: PoolClient, nameOf: (text: string) => string): Database => {
  const gather = gatherWrites(client)
  const connection: DatabaseConnection = {
    executeQuery: async ({ sql: text, parameters }: CompiledQuery) => {
      gather()
      const { rows } = await client.query<QueryResultRow>(
        parameters.length === 0 ? text : { name: nameOf(text), text, values: [...parameters] },
      )
      // Kysely knows what a statement gives.
      return { rows: rows as never[] }
    },
    // Nobody asks for it.
    streamQuery: () => {
      throw new TypeError("A ledger does not stream.")
    },
  }
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () =>
        Object.assign(new DummyDriver(), { acquireConnection: async () => connection }),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
}

/** A database that any number of machines write. */
export const postgresEngine = (options: PostgresOptions): Engine => {
  const pool = createPool(options)
  const reader = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const pinned = new WeakMap<PoolClient, Database>()
  const nameOf = createNames()
  return {
    name: "postgres",
    reader,
    readOnly: false,
    shared: true,
    pipelines: true,
    stripe: Math.floor(Math.random() * stripes),
    batchSize,
    dialect,
    kept: undefined,
    connect: async (use) => {
      const client = await pool.connect()
      const connection = pinned.get(client) ?? pin(client, nameOf)
      pinned.set(client, connection)
      try {
        return await use(connection)
      } finally {
        client.release()
      }
    },
    execute: async (db, query) => (await db.executeQuery(query)).rows,
    begin,
    isPassing,
    toImageError: postgresError,
    close: () => reader.destroy(),
  }
}
