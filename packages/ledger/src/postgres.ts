import {
  CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  PostgresDialect,
  sql,
} from "kysely"
import { Pool, type PoolClient, types } from "pg"
import { type Database, type Dialect, type Engine, type Lock, requestTagName } from "./engine.ts"
import { isTransient, postgresError } from "./postgres-error.ts"

export interface PostgresOptions {
  readonly url: string
  readonly connections: number
  readonly connectTimeoutMs: number
}

/**
 * The types bigint and numeric, which pg reads as text. The ledger's numbers are whole and below
 * 2^53. https://www.postgresql.org/docs/18/catalog-pg-type.html, seen 2026-11-20
 */
const numberTypes = new Set<number>([20, 1700])

/** A larger batch holds the locks of a busy budget for longer and is not faster. */
const batchSize = 200

/** Rows of the ledger's total. Processes that add to the same row wait for each other. */
const stripes = 64

const facts =
  "id, time_ms, day, model, task, account_key, account_user, account_team, tags, size, quality, price, seed, run_id, ordered"

const forbid = (name: string, event: string, table: string): string =>
  `create trigger ${name} before ${event} on ${table} for each row execute function pictor_forbid()`

const requestTag = `((tags::jsonb) ->> '${requestTagName}')`

const dialect: Dialect = {
  idType: 'text collate "C"',
  // to_regclass may go on missing a table that another session created in the meantime.
  findTable: (name) =>
    sql`select 1 from pg_catalog.pg_class where relname = ${name} and pg_table_is_visible(oid)`,
  appendOnly: [
    "create function pictor_forbid() returns trigger language plpgsql as $$ begin raise exception '% is append-only', tg_table_name; end $$",
    forbid("pictor_call_facts", `update of ${facts}`, "pictor_call"),
    forbid("pictor_call_kept", "delete", "pictor_call"),
    forbid("pictor_entry_same", "update or delete", "pictor_entry"),
    // Leaves room for updates on the same page.
    "alter table pictor_call set (fillfactor = 80)",
    "alter table pictor_tally set (fillfactor = 50)",
  ],
  facts,
  replaceFactsTrigger: (columns) => [
    "drop trigger pictor_call_facts on pictor_call",
    forbid("pictor_call_facts", `update of ${columns}`, "pictor_call"),
  ],
  texts: (json) => sql`json_array_elements_text(${json}::json)`,
  isIn: (column, subquery) => sql`${sql.ref(column)} = any(array(${subquery}))`,
  records: (columns, json) => {
    const definitions = Object.entries(columns).map(
      ([name, type]) => sql`${sql.ref(name)} ${sql.raw(type)}`,
    )
    return sql`json_to_recordset(${json}::json) as r(${sql.join(definitions)})`
  },
  requestTag,
  tag: (name, column = "tags") =>
    name === requestTagName && column === "tags"
      ? sql.raw(requestTag)
      : sql`(${sql.ref(column)}::jsonb ->> ${name})`,
}

/** "pictor" as a number, because all programs on a database share its advisory locks. */
const lockId = 123_654_917_395_314n

const locks: Readonly<Record<Lock, string>> = {
  schema: `pg_advisory_xact_lock(${lockId})`,
  budgets: `pg_advisory_xact_lock(${lockId})`,
  calls: `pg_advisory_xact_lock_shared(${lockId})`,
  own: "1",
}

/**
 * Begins a transaction in one round trip. A commit reaches the disk whatever the server's defaults
 * are, and a process that stalls in a transaction loses its locks.
 */
const begin = (lock: Lock): CompiledQuery =>
  CompiledQuery.raw(
    [
      "begin",
      "set local synchronous_commit = on",
      "set local lock_timeout = 10000",
      "set local idle_in_transaction_session_timeout = 15000",
      // Plans are cached while tables grow, so they must use indexes from the start.
      "set local plan_cache_mode = force_generic_plan",
      "set local enable_seqscan = off",
      "set local enable_hashjoin = off",
      "set local enable_mergejoin = off",
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
        numberTypes.has(id)
          ? Number
          : (types.getTypeParser(id, format) as unknown)) as typeof types.getTypeParser,
    },
  })
  // The queries of a lost connection reject. Without these listeners the process would end as well.
  pool.on("error", () => {})
  pool.on("connect", (client) => client.on("error", () => {}))
  return pool
}

/** Names statements, so that a connection parses and plans each once. Their texts are few. */
const createStatementNames = () => {
  const names = new Map<string, string>()
  return (text: string): string => {
    const name = names.get(text) ?? `pictor_${names.size}`
    names.set(text, name)
    return name
  }
}

/** Kysely on one connection, where a statement is sent without waiting for the previous one. */
const pin = (
  client: PoolClient,
  kyselyDialect: PostgresDialect,
  nameOf: (text: string) => string,
): Database => {
  const connection: DatabaseConnection = {
    executeQuery: async ({ sql: text, parameters }: CompiledQuery) => {
      const { rows } = await client.query(
        parameters.length === 0 ? text : { name: nameOf(text), text, values: [...parameters] },
      )
      return { rows: rows as never[] }
    },
    streamQuery: () => {
      throw new TypeError("A transaction of @pictor/ledger does not stream.")
    },
  }
  const driver = Object.assign(new DummyDriver(), { acquireConnection: async () => connection })
  return new Kysely({
    dialect: {
      createAdapter: () => kyselyDialect.createAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => kyselyDialect.createIntrospector(db),
      createQueryCompiler: () => kyselyDialect.createQueryCompiler(),
    },
  })
}

export const postgresEngine = (options: PostgresOptions): Engine => {
  const pool = createPool(options)
  const kyselyDialect = new PostgresDialect({ pool })
  const reader = new Kysely<unknown>({ dialect: kyselyDialect })
  const pinned = new WeakMap<PoolClient, Database>()
  const nameOf = createStatementNames()
  return {
    name: "postgres",
    reader,
    reports: reader,
    readOnly: false,
    shared: true,
    pipelines: true,
    stripe: Math.floor(Math.random() * stripes),
    batchSize,
    dialect,
    connect: async (use) => {
      const client = await pool.connect()
      const connection = pinned.get(client) ?? pin(client, kyselyDialect, nameOf)
      pinned.set(client, connection)
      try {
        return await use(connection)
      } finally {
        client.release()
      }
    },
    execute: async (db, query) => (await db.executeQuery(query)).rows,
    begin,
    isTransient,
    toImageError: postgresError,
    close: () => reader.destroy(),
  }
}
