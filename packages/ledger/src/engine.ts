import type { ImageError } from "@pictor/core"
import type { AliasedRawBuilder, CompiledQuery, Expression, Kysely, RawBuilder } from "kysely"
import type { Kept } from "./kept.ts"
import type { Tables } from "./tables.ts"

/** One connection, or a pool of them. */
export type Database = Kysely<Tables>

type ColumnType = "text" | "bigint" | "double precision"

/** The columns of records that a statement reads from one JSON parameter, so that its text does not depend on their number. */
export type Columns<Shape> = Readonly<Record<keyof Shape & string, ColumnType>>

/** `schema`: to migrate. `budgets`: alone among those that write. `calls`: together with others of its kind. `own`: what is no part of the ledger. */
export type Lock = "schema" | "budgets" | "calls" | "own"

export type EngineName = "sqlite" | "postgres"

/** Where a ledger is kept: all that differs between two databases. */
export interface Engine {
  readonly name: EngineName
  /** Reads what is committed and is not in the way of what is written. */
  readonly reader: Database
  readonly readOnly: boolean
  /** Do others write between two statements of a transaction, unless rows are locked? */
  readonly shared: boolean
  /** May statements be sent before those ahead of them are answered? What fails then fails all that follow in its transaction. */
  readonly pipelines: boolean
  /** Where this process counts the ledger's total, so that processes do not wait for each other. */
  readonly stripe: number
  /** Operations of one batch, at most. */
  readonly batchSize: number
  readonly dialect: Dialect
  /** Of a database that tells whether others have written. */
  readonly kept: Kept | undefined
  /** One connection, as long as it is used. */
  connect<Out>(use: (connection: Database) => Promise<Out>): Promise<Out>
  /** Runs what is compiled, on a connection or on the reader. */
  execute<Row>(db: Database, query: CompiledQuery<Row>): Promise<readonly Row[]>
  /** Begins a transaction. */
  begin(lock: Lock): CompiledQuery
  /** May the same succeed if it is tried again soon? */
  isPassing(error: unknown): boolean
  /** What it means, and what to do about it. */
  toImageError(error: unknown): ImageError
  close(): Promise<void>
}

/** Records of a statement that writes. */
export interface Written<Shape> {
  /** A column of them. */
  cell(name: keyof Shape & string): RawBuilder<unknown>
  /** The clause that names them, where the statement is run once for all. */
  readonly from: RawBuilder<unknown> | undefined
}

/** What the two databases write differently. */
export interface Dialect {
  /** Text that sorts by its bytes. */
  readonly idType: "text" | RawBuilder<unknown>
  /** Keeps what was ordered and what became of it as it was written. */
  readonly appendOnly: readonly string[]
  /** A row where the database has such a table. */
  findTable(name: string): RawBuilder<unknown>
  /** `read` takes them from the values that a `statement` is run with. */
  records<Shape extends object>(
    columns: Columns<Shape>,
    read: (values: never) => readonly Shape[],
  ): AliasedRawBuilder<Shape, "r">
  /** Is a statement that writes records run once for all of them, or once for each? */
  readonly writes: "all" | "each"
  /** Those, or the one, that such a statement is run with. */
  written<Shape extends object>(columns: Columns<Shape>): Written<Shape>
  /** Is the text one of these? Looked up in an index, however few rows the database thought there were when it planned. */
  among(
    text: Expression<string | null>,
    read: (values: never) => readonly string[],
  ): RawBuilder<boolean>
  /** A value of the tags that a call has. */
  tag(tags: Expression<string>, name: string): RawBuilder<string | null>
}
