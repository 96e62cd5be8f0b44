import { ImageError } from "@pictor/core"
import { type Kysely, sql } from "kysely"
import type { Database, Engine, EngineName } from "./engine.ts"
import { transact } from "./transaction.ts"

/** Tables, and how they came to be what they are. */
export interface Schema<Tables> {
  /** Keeps the version; a name that nobody else in the database has. */
  readonly versionTable: string
  /** What to update where the tables are newer: a package's name. */
  readonly owner: string
  /** The first brings an empty database to version 1, and so on; those that were published never change. */
  readonly migrations: readonly ((db: Kysely<Tables>, engine: EngineName) => Promise<unknown>)[]
}

/** 0 → there are no tables yet. */
const versionOf = async <Tables>(
  db: Database,
  { dialect }: Engine,
  { versionTable }: Schema<Tables>,
): Promise<number> => {
  const { rows: found } = await dialect.findTable(versionTable).execute(db)
  if (found.length === 0) return 0
  const { rows } = await sql<{
    readonly version: number
  }>`select version from ${sql.table(versionTable)}`.execute(db)
  return rows[0]?.version ?? 0
}

const invalid = (message: string): ImageError =>
  new ImageError({ code: "invalid_request", message })

const checkNotNewer = <Tables>(
  version: number,
  { owner, migrations: { length } }: Schema<Tables>,
): void => {
  if (version > length)
    throw invalid(
      `The tables of ${owner} in this database are of version ${version}, newer than the ${length} that it knows: update the package.`,
    )
}

const missing = <Tables>(
  version: number,
  { owner, migrations: { length } }: Schema<Tables>,
): ImageError => {
  const found =
    version === 0
      ? `has no tables of ${owner}`
      : `has tables of ${owner} of version ${version}, older than ${length}`
  return invalid(
    `This database ${found}: open it once with { migrate: true } and the right to create tables.`,
  )
}

const upgrade = async <Tables>(
  connection: Database,
  engine: Engine,
  schema: Schema<Tables>,
): Promise<void> => {
  // Another process may have done it while this one waited.
  const version = await versionOf(connection, engine, schema)
  checkNotNewer(version, schema)
  const table = sql.table(schema.versionTable)
  if (version === 0) await sql`create table ${table} (version bigint not null)`.execute(connection)
  // The same connection: kysely only has to be told of other tables.
  const own = connection as unknown as Kysely<Tables>
  for (const migration of schema.migrations.slice(version)) await migration(own, engine.name)
  await sql`delete from ${table}`.execute(connection)
  await sql`insert into ${table} (version) values (${schema.migrations.length})`.execute(connection)
}

/** Brings the tables to this version; throws `invalid_request` where they are newer, or where they are older and may not be changed. */
export const migrate = async <Tables>(
  engine: Engine,
  schema: Schema<Tables>,
  allowed: boolean,
): Promise<void> => {
  const version = await versionOf(engine.reader, engine, schema)
  checkNotNewer(version, schema)
  if (version === schema.migrations.length) return
  if (!allowed || engine.readOnly) throw missing(version, schema)
  await transact(engine, "schema", async (connection) => ({
    out: await upgrade(connection, engine, schema),
    writes: [],
  }))
}
