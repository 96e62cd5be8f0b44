import { fileStore } from "../file-store.ts"
import { aboutOf, imageOf } from "./images.ts"
import { writtenBytes } from "./writer-process.ts"

const [folder = "", round = ""] = process.argv.slice(2)
const store = fileStore(folder)
const write = async (lane: number): Promise<never> => {
  for (let index = 0; ; index += 1) {
    const key = `${round}-${lane}-${index}`
    await store.put(key, imageOf("png", writtenBytes), aboutOf({ tags: { round } }))
    // The full stop shows that the line is whole.
    process.stdout.write(`${key}.\n`)
  }
}
await Promise.all([write(0), write(1)])
