import { sha256 } from "./picture.ts"
import type { Answer, Metric, Order, Task } from "./task.ts"
import { tasks } from "./tasks.ts"

/** `worker.ts TASK URL`: runs one task, so that no other task's garbage or code affects it. */
const [name = "", url = ""] = process.argv.slice(2)
const open = tasks[name]
if (!open) throw new Error(`there is no task ${name}`)
const task: Task = await open(url)

const collectGarbage = (): void => {
  if (!globalThis.gc) throw new Error("a worker needs --expose-gc")
  globalThis.gc()
}

const heldBytes = (): number => {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const runOften = async (count: number): Promise<unknown> => {
  let result: unknown
  for (let run = 0; run < count; run++) result = await task.run()
  return result
}

const measures: Readonly<
  Record<Metric, (count: number) => Promise<readonly [value: number, result: unknown]>>
> = {
  cpu: async (count) => {
    const before = process.cpuUsage()
    const result = await runOften(count)
    const { user, system } = process.cpuUsage(before)
    return [(user + system) / 1000 / count, result]
  },
  // Without a collection in between, so that garbage counts too.
  held: async () => {
    const before = heldBytes()
    const result = await task.run()
    return [heldBytes() - before, result]
  },
}

const answer = async ({ count, metric }: Order): Promise<Answer> => {
  collectGarbage()
  const [value, result] = await measures[metric](count)
  return task.picture ? { value, sha256: sha256(await task.picture(result as never)) } : { value }
}

process.on("message", (order: Order) => {
  void answer(order).then((result) => process.send?.(result))
})
process.on("disconnect", () => process.exit())
process.send?.("ready")
