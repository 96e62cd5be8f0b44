/** The columns of a settled call. */
const columns = [
  "id, time_ms, day, model, task, tags, account_key, ordered, estimate_micro_usd, estimate_maybe_micro_usd, estimate_unknown_images, entries",
  "state, sent, lease_ends_ms, delivered, settled_micro_usd, settled_maybe_micro_usd, settled_unknown_images",
  "images, micro_usd, maybe_micro_usd, unknown_images, reserved_micro_usd, reserved_images",
].join(", ")

const dayMs = 86_400_000

const values = (id: string, firstMs: number, day: string): string =>
  `${id}, ${firstMs} + n, '${day}', 'model-a', 'text-to-image', '{}', 'key-0', 1, 10, 0, 0, 1, 'settled', 1, 0, 1, 10, 0, 0, 1, 10, 0, 0, 0, 0`

/** SQL that inserts settled calls of yesterday; through the ledger it would take minutes. */
export const fillText = (engine: "sqlite" | "postgres", rows: number): readonly string[] => {
  const firstMs = Math.floor(Date.now() / dayMs) * dayMs - dayMs
  const day = new Date(firstMs).toISOString().slice(0, 10)
  const id = engine === "sqlite" ? "printf('%026d', n)" : "lpad(n::text, 26, '0')"
  const numbers =
    engine === "sqlite"
      ? `(with recursive counted(n) as (select 1 union all select n + 1 from counted where n < ${rows}) select n from counted)`
      : `generate_series(1, ${rows}) as n`
  return [
    `insert into pictor_call (${columns}) select ${values(id, firstMs, day)} from ${numbers}`,
    `insert into pictor_entry (call_id, entry, time_ms, state, delivered, micro_usd, maybe_micro_usd, unknown_images)
     select id, 1, time_ms, state, 1, 10, 0, 0 from pictor_call where state = 'settled'`,
    // PostgreSQL's autovacuum does both after so many inserts.
    engine === "sqlite" ? "analyze" : "vacuum analyze",
  ]
}
