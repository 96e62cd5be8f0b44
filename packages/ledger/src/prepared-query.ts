import { type CompiledQuery, type RawBuilder, sql } from "kysely"
import type { Columns, Database, Dialect, Engine } from "./engine.ts"

/** A parameter that is filled when the query runs. */
interface Slot {
  readonly slot: string
}

const isSlot = (parameter: unknown): parameter is Slot =>
  typeof parameter === "object" && parameter !== null && "slot" in parameter

type ValueOf<Values> = (name: keyof Values & string) => RawBuilder<unknown>

/**
 * A query whose text is the same for all values. It is compiled once per kind of database, because
 * compiling takes longer than running.
 */
export const preparedQuery = <Values extends object, Row = unknown>(
  build: (value: ValueOf<Values>, engine: Engine) => RawBuilder<Row>,
) => {
  const compiled = new WeakMap<Dialect, CompiledQuery<Row>>()
  return (db: Database, engine: Engine, values: Values): Promise<readonly Row[]> => {
    let query = compiled.get(engine.dialect)
    if (!query) {
      query = build((slot) => sql`${{ slot }}`, engine).compile(db)
      compiled.set(engine.dialect, query)
    }
    const parameters = query.parameters.map((each) =>
      isSlot(each) ? values[each.slot as keyof Values] : each,
    )
    return engine.execute(db, { ...query, parameters })
  }
}

/**
 * A statement that writes records. `build` gets the SQL of a record's column, and the clause that
 * names the records' table if there is one.
 */
export const preparedWrite = <Shape extends object>(
  columns: Columns<Shape>,
  build: (cell: ValueOf<Shape>, from: RawBuilder<unknown>) => RawBuilder<unknown>,
) => {
  const each = preparedQuery<Shape>((value) => build(value, sql``))
  const all = preparedQuery<{ readonly records: string }>((value, { dialect }) =>
    build(
      (name) => sql.ref(`r.${name}`),
      sql`from ${dialect.records?.(columns, value("records"))}`,
    ),
  )
  return async (db: Database, engine: Engine, records: readonly Shape[]): Promise<void> => {
    if (engine.dialect.records) await all(db, engine, { records: JSON.stringify(records) })
    else for (const record of records) await each(db, engine, record)
  }
}
