import type { Budget, Window } from "@pictor/core"
import {
  type Books,
  type Budgets,
  bucketOf,
  emptyBooks,
  placeBudget,
  plus,
  type Sums,
} from "@pictor/core/ledger"
import type { Selectable } from "kysely"
import { sql } from "kysely"
import { fromSumColumns } from "./calls.ts"
import type { Database, Engine } from "./engine.ts"
import { type Given, statement } from "./statement.ts"
import type { BudgetTable, TallyTable } from "./tables.ts"

/** A budget's tallies, and how they were. */
export interface LoadedBudget {
  readonly id: number
  readonly tallies: ReadonlyMap<number, Sums>
  readonly before: ReadonlyMap<number, Sums>
}

const nameColumns = { name: "text" } as const

/** Before they are read. */
export const lockBudgets = statement<Asked>((db, { dialect }) =>
  db
    .selectFrom((from) =>
      from
        .selectFrom("pictor_budget")
        .select("id")
        .where("scope", "in", (names) =>
          names.selectFrom(dialect.records(nameColumns, namesOf)).select("r.name"),
        )
        .orderBy("id")
        .forNoKeyUpdate()
        .as("locked"),
    )
    .select((eb) => eb.fn.countAll().as("count"))
    .compile(),
)

/** Whose budgets, and when. */
interface Asked {
  readonly scopes: readonly string[]
  readonly nowMs: number
}

const namesOf = ({ scopes }: Asked) => scopes.map((name) => ({ name }))

/** From where on tallies count: older ones are never asked for again. */
const since = (given: Given<Asked>) => {
  const from = (window: Window) =>
    sql`cast(${given(({ nowMs }) => bucketOf(window, nowMs))} as bigint)`
  const now = sql`cast(${given(({ nowMs }) => nowMs)} as double precision)`
  return sql<number>`case pictor_budget.window_name when 'total' then 0 when 'day' then ${from("day")} when 'week' then ${from("week")}
    when 'month' then ${from("month")} else cast(${now} * 60 / pictor_budget.rolling_ms - 61 as bigint) end`
}

/** A budget, and one of its tallies if it has any. */
export type BudgetRow = Omit<Selectable<BudgetTable>, "rolling_ms"> & {
  readonly [Column in keyof TallyTable]: TallyTable[Column] | null
}

const budgetsAt = (db: Database, given: Given<Asked>) =>
  db
    .selectFrom("pictor_budget")
    .leftJoin("pictor_tally", (join) =>
      join
        .onRef("pictor_tally.budget_id", "=", "pictor_budget.id")
        .on("pictor_tally.bucket", ">=", since(given)),
    )
    .selectAll()

const allBudgets = statement<Asked, BudgetRow>((db, _, given) => budgetsAt(db, given).compile())

/** Those of some scopes. */
export const loadBudgets = statement<Asked, BudgetRow>((db, { dialect }, given) =>
  budgetsAt(db, given)
    .where("pictor_budget.scope", "in", (from) =>
      from.selectFrom(dialect.records(nameColumns, namesOf)).select("r.name"),
    )
    .compile(),
)

/** Budgets, each with what counts in it now, in the order they were set. */
export const readBudgets = async (
  engine: Engine,
  scope: string | undefined,
  nowMs: number,
): Promise<Budgets> => {
  const read = scope === undefined ? allBudgets : loadBudgets
  const rows = await read(engine.reader, engine, {
    scopes: scope === undefined ? [] : [scope],
    nowMs,
  })
  const books = emptyBooks(0)
  fillBudgets(
    books,
    rows.toSorted((first, second) => first.id - second.id),
  )
  return books.budgets
}

/** Puts what was read in the books. */
export const fillBudgets = (books: Books, rows: readonly BudgetRow[]): readonly LoadedBudget[] => {
  const loaded = new Map<
    number,
    { readonly id: number; readonly before: Map<number, Sums>; readonly tallies: Map<number, Sums> }
  >()
  for (const row of rows) {
    const sums = row.calls === null ? undefined : fromSumColumns(row.calls, row as TallyTable)
    if (row.id === 0) {
      if (sums) books.total = plus(books.total, sums)
      continue
    }
    const budget = loaded.get(row.id) ?? {
      id: row.id,
      before: new Map(),
      tallies: place(books, row),
    }
    loaded.set(row.id, budget)
    if (!sums || row.bucket === null) continue
    budget.tallies.set(row.bucket, sums)
    budget.before.set(row.bucket, sums)
  }
  return [...loaded.values()]
}

/** The tallies of a budget that is put in the books. */
const place = (
  books: Books,
  { scope, window_name: windowName, definition }: BudgetRow,
): Map<number, Sums> => {
  placeBudget(books.budgets, JSON.parse(definition) as Budget, [])
  return books.budgets.get(scope)?.get(windowName)?.tallies ?? new Map<number, Sums>()
}
