import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { createPictor, type ImageQuery } from "@pictor/core"
import { echo, echoTransport } from "@pictor/echo"
import { fileStore } from "@pictor/files"
import type { Benchmark } from "../benchmark.ts"

const count = 100_000
const days = 30
const limitMs = 50
const tags = { project: "tea" }
const page: ImageQuery = { from: "2026-11-15", to: "2026-11-15", tags, limit: 100 }

/** Copies the only image of an index to many, of 30 days. */
const fill = (path: string): void => {
  const file = new DatabaseSync(path)
  file.exec(`
    create temp table copy as
      with recursive number (n) as (select 1 union all select n + 1 from number where n < ${count})
      select printf('%026d', n) as id, printf('2026-11-%02d', 1 + n % ${days}) as day from number;
    insert into pictor_image (id, key, day, time_ms, media_type, byte_length, about, recipe)
      select copy.id, copy.id, copy.day, time_ms, media_type, byte_length, about, recipe
      from pictor_image, copy;
    insert into pictor_image_term (term, day, image_id)
      select term, copy.day, copy.id from pictor_image_term, copy;
  `)
  file.close()
}

const openFilled = async () => {
  const folder = mkdtempSync(join(tmpdir(), "pictor-bench-files-"))
  const store = fileStore(folder)
  const pictor = createPictor({ adapters: [echo(echoTransport())] })
  const { image, cost, model } = await pictor.generate({ model: "echo-v1", prompt: "a" })
  const about = { model, day: "2026-11-20", tags, account: {}, cost, recipe: image.recipe }
  await store.put("first", image, about)
  fill(join(folder, "index.db"))
  const close = async (): Promise<void> => {
    await store.close()
    rmSync(folder, { recursive: true })
  }
  return { store, close }
}

/** A page in the middle of a day's images of a tag. */
export const files: Benchmark = {
  name: "files-list",
  subject: "100 of 10⁵ images, by day and tag",
  baseline: `${limitMs} ms`,
  unit: "ms",
  gate: { atMost: 1 },
  pairs: 15,
  open: async () => {
    const { store, close } = await openFilled()
    const { next } = await store.list({ ...page, limit: 1000 })
    if (next === undefined) throw new Error("The index is not filled.")
    return {
      subject: async () => {
        const startedMs = performance.now()
        const { images } = await store.list({ ...page, after: next })
        if (images.length !== 100) throw new Error("The page is not full.")
        return performance.now() - startedMs
      },
      baseline: async () => limitMs,
      close,
    }
  },
}
