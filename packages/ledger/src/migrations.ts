import { sql } from "kysely"
import type { Dialect } from "./engine.ts"
import type { Schema } from "./migrate.ts"

const createCalls = (idType: string): readonly string[] => [
  `create table pictor_call (
    id ${idType} primary key,
    time_ms bigint not null,
    day text not null,
    model text not null,
    task text not null,
    tags text not null,
    state text not null,
    account_key text,
    account_user text,
    account_team text,
    size text,
    quality text,
    price text,
    run_id text,
    request_id text,
    verdict text,
    ordered bigint not null,
    estimate_micro_usd bigint not null,
    estimate_maybe_micro_usd bigint not null,
    estimate_unknown_images bigint not null,
    entries bigint not null,
    sent bigint not null,
    lease_ends_ms bigint not null,
    images bigint not null,
    micro_usd bigint not null,
    maybe_micro_usd bigint not null,
    unknown_images bigint not null,
    reserved_micro_usd bigint not null,
    reserved_images bigint not null,
    seed bigint,
    delivered bigint,
    settled_micro_usd bigint,
    settled_maybe_micro_usd bigint,
    settled_unknown_images bigint
  )`,
  "create index pictor_call_time on pictor_call (time_ms, id)",
  "create index pictor_call_lease on pictor_call (lease_ends_ms) where state = 'reserved'",
  "create index pictor_call_run on pictor_call (run_id) where run_id is not null",
]

const createEntries = (idType: string): string =>
  `create table pictor_entry (
    call_id ${idType} not null,
    entry bigint not null,
    time_ms bigint not null,
    state text not null,
    delivered bigint,
    micro_usd bigint,
    maybe_micro_usd bigint,
    unknown_images bigint,
    request_id text,
    verdict text,
    constraint pictor_entry_key primary key (call_id, entry)
  )`

const createBudgets: readonly string[] = [
  `create table pictor_budget (
    id bigint primary key,
    scope text not null,
    window_name text not null,
    rolling_ms double precision,
    definition text not null,
    constraint pictor_budget_name unique (scope, window_name)
  )`,
  `create table pictor_tally (
    budget_id bigint not null,
    bucket bigint not null,
    calls bigint not null,
    images bigint not null,
    micro_usd bigint not null,
    maybe_micro_usd bigint not null,
    unknown_images bigint not null,
    reserved_micro_usd bigint not null,
    reserved_images bigint not null,
    constraint pictor_tally_key primary key (budget_id, bucket)
  )`,
  // Budget 0 is the ledger's own total. It has no scope, so that no call is checked against it.
  `insert into pictor_budget (id, scope, window_name, definition) values (0, '', 'total', '{}')`,
]

const createKeys = (idType: string): string =>
  `create table pictor_key (
    key ${idType} primary key,
    hash text not null,
    started_ms bigint not null,
    run_id text not null
  )`

/** End users, tags of callers, ends of calls; reports by key and lists of unresolved calls. */
const extendCalls = ({ facts, replaceFactsTrigger, requestTag }: Dialect): readonly string[] => [
  "alter table pictor_call add column end_user text",
  "alter table pictor_call add column client_tags text",
  "alter table pictor_call add column ended_ms bigint",
  "create index pictor_call_account on pictor_call (account_key, time_ms, id)",
  "create index pictor_call_open on pictor_call (id) where state in ('held', 'lapsed')",
  `create index pictor_call_request on pictor_call (${requestTag}) where ${requestTag} is not null`,
  ...replaceFactsTrigger(`${facts}, end_user, client_tags`),
]

/** Providers, what they counted, and their jobs. */
const addUsage = ({ facts, replaceFactsTrigger }: Dialect): readonly string[] => [
  "alter table pictor_call add column provider text",
  "alter table pictor_call add column usage text",
  "alter table pictor_call add column estimated bigint",
  "alter table pictor_call add column job text",
  ...replaceFactsTrigger(`${facts}, end_user, client_tags, provider`),
]

/** The ledger's tables. A published migration never changes. */
export const ledgerSchema = (dialect: Dialect): Schema<unknown> => ({
  versionTable: "pictor_ledger",
  owner: "@pictor/ledger",
  migrations: [
    async (db) => {
      const { idType, appendOnly } = dialect
      const statements = [
        ...createCalls(idType),
        createEntries(idType),
        ...createBudgets,
        createKeys(idType),
        ...appendOnly,
      ]
      for (const statement of statements) await sql.raw(statement).execute(db)
    },
    async (db) => {
      for (const statement of extendCalls(dialect)) await sql.raw(statement).execute(db)
    },
    async (db) => {
      for (const statement of addUsage(dialect)) await sql.raw(statement).execute(db)
    },
  ],
})
