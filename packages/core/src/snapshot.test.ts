import { describe, expect, it } from "vitest"
import { ImageError } from "./errors.ts"
import { snapshot } from "./snapshot.ts"

describe("a snapshot", () => {
  it("is equal, and shares nothing that can be changed", () => {
    const value = { a: [{ b: 1 }], c: { d: undefined }, e: null }
    const copy = snapshot(value)
    expect(copy).toStrictEqual(value)
    expect(copy).not.toBe(value)
    expect(copy.a[0]).not.toBe(value.a[0])
    expect(copy.c).not.toBe(value.c)
  })

  it("does not copy bytes and blobs", () => {
    const value = { bytes: new Uint8Array(2), buffer: new ArrayBuffer(2), blob: new Blob(["a"]) }
    const copy = snapshot(value)
    for (const key of ["bytes", "buffer", "blob"] as const) expect(copy[key]).toBe(value[key])
  })

  it("keeps a __proto__ a field like any other", () => {
    const copy = snapshot(JSON.parse('{ "__proto__": { "a": 1 } }') as object)
    expect(Object.keys(copy)).toEqual(["__proto__"])
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  })

  it("reads a getter once", () => {
    let reads = 0
    const value = {
      get n() {
        return ++reads
      },
    }
    const copy = snapshot(value)
    expect([copy.n, copy.n]).toEqual([1, 1])
  })

  it("throws where there is no end", () => {
    const value: unknown[] = []
    value.push(value)
    expect(() => snapshot(value)).toThrow(ImageError)
  })
})
