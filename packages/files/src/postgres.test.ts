import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { openDatabase } from "@pictor/ledger"
import { afterAll } from "vitest"
import { startPostgres } from "../../ledger/src/__fixtures__/postgres-server.ts"
import { describeStore } from "./__fixtures__/store-suite.ts"
import { type FileStore, fileStore } from "./file-store.ts"

const folder = await mkdtemp(join(tmpdir(), "pictor-files-"))
const server = await startPostgres()
const database = await openDatabase(await server.fresh())
const stores: FileStore[] = []

afterAll(async () => {
  await database.close()
  await server.stop()
  await rm(folder, { recursive: true })
})

describeStore("a file store with its index in PostgreSQL", async () => {
  const tables = await database.migrate<Record<"pictor_image" | "pictor_image_term", object>>({
    versionTable: "test_version",
    owner: "test",
    migrations: [],
  })
  // Every test has an empty store in the one database.
  if (stores.length > 0)
    await tables.write(async (db) => {
      await db.deleteFrom("pictor_image").execute()
      await db.deleteFrom("pictor_image_term").execute()
    })
  const store = fileStore(join(folder, String(stores.length)), { index: database })
  stores.push(store)
  await store.ready()
  return { store, fetch: async (url) => readFile(fileURLToPath(url)) }
})
