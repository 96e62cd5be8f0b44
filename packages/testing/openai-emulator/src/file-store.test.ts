import { manualClock } from "@pictor/emulator-kit"
import { describe, expect, it } from "vitest"
import { createFileStore } from "./file-store.ts"

const bytes = new Uint8Array([1])

describe("createFileStore", () => {
  it("keeps the latest 100 files", () => {
    const store = createFileStore(manualClock(), 1000)
    for (let index = 0; index < 101; index += 1) store.add(`${index}`, bytes)
    expect([store.get("0"), store.get("1"), store.get("100")]).toEqual([undefined, bytes, bytes])
  })

  it("knows an expired file", () => {
    const clock = manualClock()
    const store = createFileStore(clock, 1000)
    store.add("a", bytes)
    clock.advance(999)
    expect(store.get("a")).toBe(bytes)
    clock.advance(1)
    expect(store.get("a")).toBe("expired")
  })
})
