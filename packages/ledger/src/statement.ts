import { type CompiledQuery, type RawBuilder, sql } from "kysely"
import type { Database, Dialect, Engine } from "./engine.ts"

/** Takes a parameter from the values that a statement is run with. */
interface Slot<Values, Value> {
  readonly read: (values: Values) => Value
}

/** A parameter of a statement that is built once. */
export const given = <Values, Value>(read: Slot<Values, Value>["read"]): RawBuilder<Value> => sql<Value>`${{ read }}`

const isSlot = <Values>(parameter: unknown): parameter is Slot<Values, unknown> =>
  typeof parameter === "object" && parameter !== null && "read" in parameter

/**
 * A statement whose text does not depend on what it is run with: it is built and compiled once per kind of database, which takes longer than to run
 * it. Its parameters are those made by `given`, and records.
 */
export const statement = <Values, Row = unknown>(build: (db: Database, engine: Engine) => CompiledQuery<Row>) => {
  const built = new WeakMap<Dialect, CompiledQuery<Row>>()
  return async (db: Database, engine: Engine, values: Values): Promise<readonly Row[]> => {
    const query = built.get(engine.dialect) ?? build(db, engine)
    built.set(engine.dialect, query)
    const parameters = query.parameters.map((each) => (isSlot<Values>(each) ? each.read(values) : each))
    const { rows } = await db.executeQuery<Row>({ ...query, parameters })
    return rows
  }
}
