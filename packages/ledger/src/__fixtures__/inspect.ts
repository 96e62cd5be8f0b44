import { DatabaseSync } from "node:sqlite"
import pg from "pg"

/** The rows of a statement, on a separate connection. */
export const ask = async (
  url: string,
  text: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  if (!url.startsWith("file:")) {
    const client = new pg.Client({ connectionString: url, types: { getTypeParser: () => String } })
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(text)).rows
    } finally {
      await client.end()
    }
  }
  const file = new DatabaseSync(url.slice("file:".length))
  try {
    return file.prepare(text).all()
  } finally {
    file.close()
  }
}

const columns = [
  "images",
  "micro_usd",
  "maybe_micro_usd",
  "unknown_images",
  "reserved_micro_usd",
  "reserved_images",
]

const sums = columns.map((name) => `coalesce(sum(${name}), 0) as ${name}`).join(", ")

const toNumbers = (row: Readonly<Record<string, unknown>> | undefined) =>
  Object.fromEntries(columns.map((name) => [name, Number(row?.[name])]))

/**
 * The sums of the calls, and of each budget's tallies; the first budget is the ledger's total. They
 * are equal for budgets of everything and all time.
 */
export const compareSums = async (url: string) => {
  const [calls] = await ask(url, `select ${sums} from pictor_call`)
  const tallies = await ask(
    url,
    `select budget_id, ${sums} from pictor_tally group by budget_id order by budget_id`,
  )
  return { calls: toNumbers(calls), tallies: tallies.map(toNumbers) }
}

/** Calls whose last entry disagrees with them, and entries without a call. */
export const strayEntries = async (url: string): Promise<readonly unknown[]> =>
  ask(
    url,
    `select c.id, c.state, e.state as entry_state from pictor_call c left join pictor_entry e on e.call_id = c.id and e.entry = c.entries
     where coalesce(e.state, 'reserved') <> c.state or coalesce(e.micro_usd, 0) <> coalesce(c.settled_micro_usd, 0)
     union all select e.call_id, e.state, 'no call' from pictor_entry e left join pictor_call c on c.id = e.call_id where c.id is null`,
  )
