import { expect, it } from "vitest"
import { createCloser } from "./closer.ts"

it("closes everything once, last opened first, even if one fails", async () => {
  const order: string[] = []
  const closer = createCloser()
  closer.add("first", (name) => void order.push(name))
  closer.add("second", async () => Promise.reject(new Error("stuck")))
  closer.add("third", (name) => void order.push(name))
  await expect(closer.close()).rejects.toThrow("stuck")
  await closer.close()
  expect(order).toEqual(["third", "first"])
})
