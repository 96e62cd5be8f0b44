import { type CompiledQuery, type RawBuilder, sql } from "kysely"
import type { Columns, Database, Dialect, Engine, Written } from "./engine.ts"

/** Takes a parameter from the values that a statement is run with. */
interface Slot {
  readonly read: (values: never) => unknown
}

/** A parameter of a statement that is built once. */
export const slot = <Value>(read: (values: never) => Value): RawBuilder<Value> =>
  sql<Value>`${{ read }}`

const isSlot = (parameter: unknown): parameter is Slot =>
  typeof parameter === "object" && parameter !== null && "read" in parameter

/** Makes a parameter out of what reads it. */
export type Given<Values> = <Value>(read: (values: Values) => Value) => RawBuilder<Value>

/**
 * A statement whose text does not depend on what it is run with: it is built and compiled once per kind of database, which takes longer than to run
 * it. Its parameters are those made by `given`, and records.
 */
export const statement = <Values, Row = unknown>(
  build: (db: Database, engine: Engine, given: Given<Values>) => CompiledQuery<Row>,
) => {
  const built = new WeakMap<Dialect, CompiledQuery<Row>>()
  return (db: Database, engine: Engine, values: Values): Promise<readonly Row[]> => {
    const query = built.get(engine.dialect) ?? build(db, engine, slot)
    built.set(engine.dialect, query)
    const parameters = query.parameters.map((each) =>
      isSlot(each) ? each.read(values as never) : each,
    )
    return engine.execute(db, { ...query, parameters })
  }
}

/** A statement that writes records. */
export const writing = <Shape extends object>(
  columns: Columns<Shape>,
  build: (written: Written<Shape>) => RawBuilder<unknown>,
) => {
  const write = statement<readonly Shape[] | Shape>((db, { dialect }) =>
    build(dialect.written(columns)).compile(db),
  )
  return async (db: Database, engine: Engine, records: readonly Shape[]): Promise<void> => {
    if (engine.dialect.writes === "all") await write(db, engine, records)
    else for (const record of records) await write(db, engine, record)
  }
}
