import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { askDatabase, usePlaces } from "../admin/__fixtures__/places.ts"
import { openWorld } from "../admin/__fixtures__/world.ts"
import { readWindow } from "./counter.ts"

const places = usePlaces()

const start = (...words: readonly string[]) => {
  const path = fileURLToPath(new URL("__fixtures__/limit-worker.ts", import.meta.url))
  const child = spawn(process.execPath, ["--conditions=@pictor/source", path, ...words], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<Readonly<Record<string, unknown>>> =>
    JSON.parse(String((await lines.next()).value)) as Readonly<Record<string, unknown>>
  return { next, go: () => child.stdin.write("go\n"), ended: once(child, "exit") }
}

for (const [name, place] of places.all)
  describe(`rateLimits in four processes, on ${name}`, () => {
    it("admits exactly the limit and leaves no slot taken", async () => {
      const url = await place()
      await (await openWorld(url)).close()
      const workers = [1, 2, 3, 4].map(() => start(url, "30"))
      for (const { next } of workers) expect(await next()).toEqual({ ready: true })
      for (const { go } of workers) go()
      const results = await Promise.all(workers.map(({ next }) => next()))
      await Promise.all(workers.map(({ ended }) => ended))
      expect(results.flatMap(({ wrong }) => wrong)).toEqual([])
      const admitted = results.reduce((sum, line) => sum + Number(line["admitted"]), 0)
      const used = Object.fromEntries(
        (await askDatabase(url, "select name, uses from gateway_window")).map(
          ({ name: limit, uses }) => [limit, readWindow(String(uses), 0).used],
        ),
      )
      expect(used).toEqual({
        "key:key_one:requests": admitted,
        "key:key_one:images": 2 * admitted,
        "key:key_one:parallel": 0,
      })
      expect(admitted).toBe(45)
      expect(await askDatabase(url, "select id from gateway_lease")).toEqual([])
    })
  })
