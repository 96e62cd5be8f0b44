import type { ImageError } from "@pictor/core"
import type { CompiledQuery, Kysely, RawBuilder } from "kysely"

/** One connection, or a pool of them. */
export type Database = Kysely<unknown>

/**
 * Which other transactions wait: `schema` and `budgets` exclude every transaction of a ledger,
 * `calls` excludes those two, and `own`, for tables of an app, excludes none.
 */
export type Lock = "schema" | "budgets" | "calls" | "own"

export type EngineName = "sqlite" | "postgres"

/** A database. The rest of the package is the same for SQLite and PostgreSQL. */
export interface Engine {
  readonly name: EngineName
  /** Reads committed data and never blocks a writer. */
  readonly reader: Database
  /** Reads as `reader` does, and never blocks the event loop: for queries that read many rows. */
  readonly reports: Database
  readonly readOnly: boolean
  /** Whether transactions run at the same time, so that rows need locks. */
  readonly shared: boolean
  /**
   * Whether a statement may be sent before the previous one is answered. A failed statement then
   * fails the rest of its transaction.
   */
  readonly pipelines: boolean
  /** The bucket of the ledger's total that this process adds to, so that processes do not wait. */
  readonly stripe: number
  readonly batchSize: number
  readonly dialect: Dialect
  /** Runs `use` with a connection that nothing else uses meanwhile. */
  connect<Out>(use: (connection: Database) => Promise<Out>): Promise<Out>
  /** Runs a compiled query on a connection or on the reader. */
  execute<Row>(db: Database, query: CompiledQuery<Row>): Promise<readonly Row[]>
  begin(lock: Lock): CompiledQuery
  /** Whether the same work may succeed a moment later. */
  isTransient(error: unknown): boolean
  toImageError(error: unknown): ImageError
  close(): Promise<void>
}

/** The tag that holds the id of the request that a call belongs to: an index covers it. */
export const requestTagName = "pictor.call_id"

export type Columns<Shape> = Readonly<Record<keyof Shape & string, "text" | "bigint">>

/** The SQL that differs between the databases. */
export interface Dialect {
  /** Type of texts that sort by their bytes. */
  readonly idType: string
  /** Triggers that keep orders and entries unchanged. */
  readonly appendOnly: readonly string[]
  /** The columns of an order in the first version of the tables. */
  readonly facts: string
  /** Protects these columns of `pictor_call` in place of the former ones. */
  replaceFactsTrigger(columns: string): readonly string[]
  /** Selects a row if the table exists. */
  findTable(name: string): RawBuilder<unknown>
  /** A table of the texts in a JSON list; its column is `value`. */
  texts(json: RawBuilder<unknown>): RawBuilder<unknown>
  /**
   * Whether a subquery returns the column's value. The rows are looked up in an index, even in a
   * plan that was made while the table was small.
   */
  isIn(column: string, subquery: RawBuilder<unknown>): RawBuilder<unknown>
  /**
   * A table `r` of the records in a JSON list. Without it a statement that writes records runs once
   * for each: SQLite binds parameters several times as fast as it reads JSON.
   */
  readonly records?: (
    columns: Readonly<Record<string, string>>,
    json: RawBuilder<unknown>,
  ) => RawBuilder<unknown>
  /** The value of the tag {@link requestTagName}, as an index covers it. */
  readonly requestTag: string
  /** The value of a call's tag, or null. `column` is `tags` by default. */
  tag(name: string, column?: "tags" | "client_tags"): RawBuilder<string | null>
}
