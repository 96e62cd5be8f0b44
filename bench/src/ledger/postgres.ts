import { randomUUID } from "node:crypto"
import { type DurableLedger, openLedger } from "@pictor/ledger"
import pg from "pg"
import { fillText } from "../../../packages/ledger/src/__fixtures__/fill.ts"
import { startPostgres } from "../../../packages/ledger/src/__fixtures__/postgres-server.ts"
import { bareRow, setBudgets, timeEach } from "./callers.ts"

export interface PostgresSite {
  /** A new schema with a budget per key and a number of calls. */
  open(keys: number, rows?: number): Promise<DurableLedger>
  /** Milliseconds per durable bare insert. */
  insert(count: number): Promise<number>
  /** Milliseconds per call of a minimal ledger: one statement to reserve and one to settle. */
  lockEach(count: number): Promise<number>
  close(): Promise<void>
}

/** The default of node-postgres. */
const connections = 10

const tables = `
  create table bare (id bigserial primary key, body text);
  create table budget (name text primary key, most bigint, reserved bigint, spent bigint);
  create table call (id text primary key, budget text, cost bigint, state text, body text);
  insert into budget values ('key-0', 1000000000000, 0, 0)`

const reserve = `
  with admitted as (update budget set reserved = reserved + 40000 where name = 'key-0' and spent + reserved + 40000 <= most returning name)
  insert into call select $1, name, 40000, 'reserved', $2 from admitted`

const settle = `
  with settled as (update call set state = 'settled' where id = $1 and state = 'reserved' returning budget, cost)
  update budget set reserved = reserved - cost, spent = spent + cost from settled where name = settled.budget`

/** A new server that flushes every commit. */
export const postgresSite = async (): Promise<PostgresSite> => {
  const server = await startPostgres({ durable: true })
  const pool = new pg.Pool({ connectionString: await server.fresh(), max: connections })
  await pool.query(tables)
  const ledgers: DurableLedger[] = []
  return {
    open: async (keys, rows = 0) => {
      const url = await server.fresh()
      const ledger = await openLedger(url)
      ledgers.push(ledger)
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      if (rows > 0) for (const text of fillText("postgres", rows)) await client.query(text)
      await client.end()
      await setBudgets(ledger, keys)
      return ledger
    },
    insert: (count) =>
      timeEach(
        count,
        async () => void (await pool.query("insert into bare (body) values ($1)", [bareRow])),
      ),
    lockEach: (count) =>
      timeEach(count, async () => {
        const id = randomUUID()
        await pool.query(reserve, [id, bareRow])
        await pool.query(settle, [id])
      }),
    close: async () => {
      for (const ledger of ledgers) await ledger.close()
      await pool.end()
      await server.stop()
    },
  }
}
