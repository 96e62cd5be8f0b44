import { expect, test } from "vitest"
import type { Benchmark, Context } from "./benchmark.ts"
import type { Gate } from "./gate.ts"
import { run } from "./harness.ts"

const context: Context = { url: "", picture: { reply: Buffer.alloc(0), sha256: "" } }

const scripted = (gate: Gate, subject: readonly number[], baseline: readonly number[]) => {
  const order: string[] = []
  const next = (name: string, values: readonly number[]) => {
    let index = 0
    return async () => {
      order.push(name)
      return values[index++] ?? Number.NaN
    }
  }
  const close = () => void order.push("close")
  const open = async () => ({ subject: next("s", subject), baseline: next("b", baseline), close })
  const benchmark: Benchmark = {
    name: "x",
    subject: "s",
    baseline: "b",
    unit: "ms",
    gate,
    pairs: 3,
    open,
  }
  return { benchmark, order }
}

test("skips the warm-up pair, alternates the order and takes the ratio within each pair", async () => {
  const { benchmark, order } = scripted({ atMost: 2 }, [999, 1, 20, 3], [1, 1, 10, 1])
  const { ratio, passed, pairs } = await run(benchmark, context)
  expect(order.join("")).toBe("sbsbbssbclose")
  expect({ ratio, passed, pairs }).toEqual({
    ratio: { median: 2, min: 1, max: 3 },
    passed: true,
    pairs: 3,
  })
})

test("decides by the median, not by the best pair", async () => {
  const { benchmark } = scripted({ timesFaster: 3 }, [1, 1, 1, 1], [1, 2, 2, 100])
  expect((await run(benchmark, context)).passed).toBe(false)
})

test("closes what is open if a measurement fails", async () => {
  const closed: string[] = []
  const subject = () => Promise.reject(new Error("wrong image"))
  const open = async () => ({ subject, close: () => void closed.push("closed") })
  await expect(
    run({ name: "x", subject: "s", unit: "ms", pairs: 3, open }, context),
  ).rejects.toThrow("wrong image")
  expect(closed).toEqual(["closed"])
})
