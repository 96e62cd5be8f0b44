import { crc32 } from "node:zlib"
import { describe, expect, it } from "vitest"
import { embeddedText, embedText } from "./png-text.ts"

const chunk = (type: string, data = Buffer.alloc(0)): Buffer => {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data])
  const out = Buffer.alloc(content.length + 8)
  out.writeUInt32BE(data.length, 0)
  content.copy(out, 4)
  out.writeUInt32BE(crc32(content), content.length + 4)
  return out
}

const png = (...chunks: readonly Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", Buffer.alloc(13)),
    ...chunks,
    chunk("IEND"),
  ])

describe("embedText", () => {
  it("is read back, and its checksum is right", () => {
    const text = '{"prompt":"Grüße 🌊"}'
    const embedded = embedText(png(), text)
    const bytes = "bytes" in embedded ? embedded.bytes : Buffer.alloc(0)
    expect(embeddedText(bytes)).toBe(text)
    const data = Buffer.from(`pictor\0\0\0\0\0${text}`)
    expect(bytes).toEqual(png(chunk("iTXt", data)))
  })

  it("refuses a PNG with a C2PA manifest", () => {
    expect(embedText(png(chunk("caBX")), "x")).toEqual({
      problem: "its C2PA signature would break",
    })
  })

  it.each([
    ["another format", Buffer.from("RIFF")],
    ["half a PNG", png().subarray(0, 40)],
    ["a chunk longer than the file", Buffer.concat([png().subarray(0, 8), Buffer.alloc(12, 255)])],
  ])("refuses %s", (_, bytes) => {
    expect(embedText(bytes, "x")).toEqual({ problem: "it is not a PNG" })
    expect(embeddedText(bytes)).toBeUndefined()
  })
})
