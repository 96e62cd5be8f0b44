import { createHash } from "node:crypto"
import type { ImageAbout, ImagePage, ImageQuery, ListedImage } from "@pictor/core"
import { checkOptionNames, checkTexts, invalid, ulids } from "@pictor/core/ledger"
import { type OpenDatabase, openDatabase, type Schema } from "@pictor/ledger"
import { type Kysely, sql } from "kysely"

/** Where the index is: a URL as of `openLedger`, or a database that the caller opened. */
export type IndexPlace = string | OpenDatabase

export interface IndexOptions {
  /**
   * Whether the index keeps each image's recipe, which has the prompt. Default true. A recipe of
   * more than 65,536 characters is never kept.
   */
  readonly recipes?: boolean
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

interface ImageTable {
  id: string
  key: string
  day: string
  time_ms: number
  media_type: string
  byte_length: number
  /** Model, tags, account and cost as JSON. */
  about: string
  /** JSON. */
  recipe: string | null
}

/** A row for every fact that images can be listed by. */
interface TermTable {
  term: string
  day: string
  image_id: string
}

export interface Tables {
  pictor_image: ImageTable
  pictor_image_term: TermTable
}

/** A published migration never changes. */
export const indexSchema: Schema<Tables> = {
  versionTable: "pictor_image_version",
  owner: "@pictor/files",
  migrations: [
    async (db, engine) => {
      // Texts sort by their bytes, whatever the database's locale is.
      const text = engine === "postgres" ? `text collate "C"` : "text"
      const statements = [
        `create table pictor_image (
          id ${text} primary key,
          key ${text} not null unique,
          day ${text} not null,
          time_ms bigint not null,
          media_type text not null,
          byte_length bigint not null,
          about text not null,
          recipe text
        )`,
        "create index pictor_image_day on pictor_image (day, id)",
        "create index pictor_image_time on pictor_image (time_ms)",
        `create table pictor_image_term (
          term ${text} not null,
          day ${text} not null,
          image_id ${text} not null,
          constraint pictor_image_term_key primary key (term, day, image_id)
        )`,
        "create index pictor_image_term_image on pictor_image_term (image_id)",
      ]
      for (const statement of statements) await sql.raw(statement).execute(db)
    },
  ],
}

type Facts = Pick<ImageQuery, "model" | "tags" | "account">

/** A hash, because a tag may be longer than what a database can index. */
const term = (...fact: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(fact)).digest("base64url")

/** Facts of few images come first: the first term selects the rows that the others filter. */
const termsOf = ({ tags = {}, account = {}, model }: Facts): readonly string[] => [
  ...Object.entries(tags).map(([name, value]) => term("tag", name, value)),
  ...Object.entries(account as Readonly<Record<string, string>>).map((fact) =>
    term("account", ...fact),
  ),
  ...(model === undefined ? [] : [term("model", model)]),
]

const defaultLimit = 100
const maxLimit = 1000
const maxKey = 900
const maxRecipe = 65_536
const dayPattern = /^\d{4}-\d{2}-\d{2}$/
const cursorPattern = /^\d{4}-\d{2}-\d{2}\/[0-9A-Z]{26}$/

const queryNames = {
  from: true,
  to: true,
  model: true,
  tags: true,
  account: true,
  limit: true,
  after: true,
} as const

const checkDay = (name: string, day: string | undefined): void => {
  if (day !== undefined && !dayPattern.test(day))
    throw invalid(`${name} must be a day like 2026-11-20.`)
}

const checkQuery = (query: ImageQuery): void => {
  checkOptionNames("list", query, queryNames)
  const { from, to, tags, account, limit = defaultLimit, after } = query
  checkDay("from", from)
  checkDay("to", to)
  checkTexts({ ...(tags && { tags }), ...(account && { account }) })
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit)
    throw invalid("limit must be a whole number from 1 to 1,000.")
  if (after !== undefined && !cursorPattern.test(after))
    throw invalid("after must be the next of an earlier page. Leave it out for the first page.")
}

/** Throws `invalid_request` for what the index cannot store. */
export const checkEntry = (key: string, { day, tags, account }: ImageAbout): void => {
  if (key === "" || key.length > maxKey)
    throw invalid(`The key of an image must have 1 to ${maxKey} characters.`)
  // Clients shorten such a path in a URL.
  if (/(?:^|\/)\.\.?(?:\/|$)/.test(key))
    throw invalid('The key of an image must not have "." or ".." between its slashes.')
  checkDay("about.day", day)
  checkTexts({ tags, account })
}

/** The rows of a page, and one more if there is a next page. */
export const pageQuery = ({ from, to, after, limit = defaultLimit, ...facts }: ImageQuery) => {
  const [first, ...others] = termsOf(facts)
  const isAll = first === undefined
  const day = sql.ref(isAll ? "image.day" : "found.day")
  const id = sql.ref(isAll ? "image.id" : "found.image_id")
  const source = isAll
    ? sql`pictor_image as image`
    : sql`pictor_image_term as found join pictor_image as image on image.id = found.image_id`
  const [afterDay, afterId] = after?.split("/") ?? []
  const conditions = [
    ...(isAll ? [] : [sql`found.term = ${first}`]),
    ...others.map(
      (other) =>
        sql`exists (select 1 from pictor_image_term as other where other.term = ${other} and other.day = ${day} and other.image_id = ${id})`,
    ),
    ...(from === undefined ? [] : [sql`${day} >= ${from}`]),
    ...(to === undefined ? [] : [sql`${day} <= ${to}`]),
    ...(after === undefined ? [] : [sql`(${day}, ${id}) < (${afterDay}, ${afterId})`]),
  ]
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`
  return sql<ImageTable>`select image.* from ${source} ${where} order by ${day} desc, ${id} desc limit ${limit + 1}`
}

const toListed = ({ key, media_type, byte_length, about, recipe }: ImageTable): ListedImage => ({
  key,
  mediaType: media_type,
  byteLength: byte_length,
  about: {
    ...(JSON.parse(about) as Omit<ImageAbout, "recipe">),
    ...(recipe !== null && { recipe: JSON.parse(recipe) as ImageAbout["recipe"] }),
  },
})

interface IndexedFile {
  readonly key: string
  readonly mediaType: string
  readonly byteLength: number
}

/** What is known of stored images, in tables that list them by day, model, account and tag. */
export interface ImageIndex {
  put(file: IndexedFile, about: ImageAbout): Promise<void>
  list(query?: ImageQuery): Promise<ImagePage>
  /** Deletes what was stored before a time in milliseconds since 1970; returns the number. */
  forget(beforeMs: number): Promise<number>
  /** Closes a database that this index opened. */
  close(): Promise<void>
}

const deleteImages = async (db: Kysely<Tables>, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return
  await db.deleteFrom("pictor_image_term").where("image_id", "in", ids).execute()
  await db.deleteFrom("pictor_image").where("id", "in", ids).execute()
}

const batchSize = 500

const forgetBatch = async (db: Kysely<Tables>, beforeMs: number): Promise<number> => {
  const rows = await db
    .selectFrom("pictor_image")
    .select("id")
    .where("time_ms", "<", beforeMs)
    .orderBy("time_ms")
    .limit(batchSize)
    .execute()
  await deleteImages(
    db,
    rows.map(({ id }) => id),
  )
  return rows.length
}

export const openImageIndex = async (
  place: IndexPlace,
  { recipes = true, now = Date.now }: IndexOptions,
): Promise<ImageIndex> => {
  const database = typeof place === "string" ? await openDatabase(place) : place
  const close = async (): Promise<void> => (database === place ? undefined : database.close())
  const tables = await database.migrate(indexSchema).catch(async (error: unknown) => {
    await close()
    throw error
  })
  const nextId = ulids(now, Math.random)

  const toRow = (file: IndexedFile, { recipe, ...about }: ImageAbout): ImageTable => {
    const text = recipes ? JSON.stringify(recipe) : ""
    return {
      id: nextId(),
      key: file.key,
      day: about.day,
      time_ms: now(),
      media_type: file.mediaType,
      byte_length: file.byteLength,
      about: JSON.stringify(about),
      recipe: text !== "" && text.length <= maxRecipe ? text : null,
    }
  }

  return {
    put: (file, about) => {
      const row = toRow(file, about)
      const terms = [...new Set(termsOf(about))]
      return tables.write(async (db) => {
        const former = await db
          .selectFrom("pictor_image")
          .select("id")
          .where("key", "=", file.key)
          .execute()
        await deleteImages(
          db,
          former.map(({ id }) => id),
        )
        await db.insertInto("pictor_image").values(row).execute()
        await db
          .insertInto("pictor_image_term")
          .values(terms.map((each) => ({ term: each, day: row.day, image_id: row.id })))
          .execute()
      })
    },
    list: async (query = {}) => {
      checkQuery(query)
      const { limit = defaultLimit } = query
      const { rows } = await tables.read((db) => pageQuery(query).execute(db))
      const page = rows.slice(0, limit)
      const last = rows.length > limit ? page.at(-1) : undefined
      return { images: page.map(toListed), ...(last && { next: `${last.day}/${last.id}` }) }
    },
    forget: async (beforeMs) => {
      let deleted = 0
      for (;;) {
        const count = await tables.write((db) => forgetBatch(db, beforeMs))
        deleted += count
        if (count < batchSize) return deleted
      }
    },
    close,
  }
}
