import type { Benchmark } from "../benchmark.ts"
import { postgresSite } from "../ledger/postgres.ts"
import { sqliteSite, timeSpending } from "../ledger/sqlite.ts"

/** Operations of one measurement. */
const count = 1000

const unit = "ms"

/** At least half the speed of a bare insert. */
const halfAsFast = { timesFaster: 0.5 } as const

const onSqlite = (keys: number, name: string): Benchmark => ({
  name,
  subject: `reserve + settle, ${keys === 1 ? "one budget" : `${keys} budgets`}`,
  baseline: "bare durable insert",
  unit,
  gate: halfAsFast,
  pairs: 15,
  open: async () => {
    const { open, insert, close } = sqliteSite()
    const ledger = await open(keys)
    return {
      subject: () => timeSpending(ledger, keys, count),
      baseline: () => insert(count),
      close,
    }
  },
})

const onPostgres = (
  keys: number,
  name: string,
  against: "insert" | "lockEach",
  gate?: Benchmark["gate"],
): Benchmark => ({
  name,
  subject: `reserve + settle, ${keys === 1 ? "one budget" : `${keys} budgets`}`,
  baseline: against === "insert" ? "bare durable insert" : "a row lock per request",
  unit,
  ...(gate && { gate }),
  pairs: 15,
  open: async () => {
    const site = await postgresSite()
    const ledger = await site.open(keys)
    return {
      subject: () => timeSpending(ledger, keys, count),
      baseline: () => site[against](count),
      close: site.close,
    }
  },
})

const many = 1_000_000

const few = 1000

/** The same, among a million calls and among a thousand. */
const amongRows = (
  name: string,
  createSite: () => ReturnType<typeof postgresSite> | ReturnType<typeof sqliteSite>,
): Benchmark => ({
  name,
  subject: "reserve + settle among 10⁶ calls",
  baseline: "among 10³",
  unit,
  gate: { atMost: 1.5 },
  pairs: 15,
  open: async () => {
    const { open, close } = await createSite()
    const [large, small] = [await open(1, many), await open(1, few)]
    return {
      subject: () => timeSpending(large, 1, count),
      baseline: () => timeSpending(small, 1, count),
      close,
    }
  },
})

/** Durable reservations and settlements by 50 callers. */
export const ledgers: readonly Benchmark[] = [
  onSqlite(1, "ledger-sqlite"),
  onSqlite(100, "ledger-sqlite-100"),
  onPostgres(1, "ledger-postgres", "insert"),
  onPostgres(1, "ledger-postgres-hot", "lockEach", { timesFaster: 3 }),
  onPostgres(100, "ledger-postgres-100", "insert", halfAsFast),
  amongRows("ledger-sqlite-rows", sqliteSite),
  amongRows("ledger-postgres-rows", postgresSite),
]
