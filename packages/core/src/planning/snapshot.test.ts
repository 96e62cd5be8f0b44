import { describe, expect, it } from "vitest"
import { ImageError } from "../contract/errors.ts"
import { snapshot } from "./plan.ts"

describe("a snapshot", () => {
  it("is equal, and shares nothing that can be changed", () => {
    const value = { a: [{ b: 1 }], c: { d: undefined }, e: null }
    const copy = snapshot(value)
    expect(copy).toStrictEqual(value)
    expect(copy).not.toBe(value)
    expect(copy.a[0]).not.toBe(value.a[0])
    expect(copy.c).not.toBe(value.c)
  })

  it("copies bytes once, and no blob: nobody can change that", () => {
    const value = {
      bytes: Uint8Array.of(1, 2),
      buffer: Uint8Array.of(3, 4).buffer,
      blob: new Blob(["a"]),
    }
    const copy = snapshot(value)
    value.bytes.fill(0)
    new Uint8Array(value.buffer).fill(0)
    expect([[...copy.bytes], [...new Uint8Array(copy.buffer)]]).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(copy.blob).toBe(value.blob)
    for (const key of ["bytes", "buffer"] as const) expect(snapshot(copy)[key]).toBe(copy[key])
  })

  it("leaves a buffer that is gone as it is", () => {
    const bytes = new Uint8Array(2)
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
    expect(snapshot({ image: bytes.buffer }).image).toBe(bytes.buffer)
    expect(snapshot({ image: bytes }).image).toBe(bytes)
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
