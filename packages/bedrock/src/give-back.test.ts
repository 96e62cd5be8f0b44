import { expect, it } from "vitest"
import { createCollector } from "./collect.ts"
import { giveBack } from "./give-back.ts"

const collected = (...chunks: readonly string[]): Uint8Array => {
  const { take, bytes } = createCollector(chunks.join("").length)
  for (const chunk of chunks) take(Buffer.from(chunk))
  return bytes()
}

const large = (letter: string): string => letter.repeat(20_000)

it("gives back a reply of which a part was written, and leaves what is not a reply", () => {
  const reply = collected('{"images":["', large("A"), '"]}')
  const head = Buffer.from("{")
  const other = new Uint8Array(8)
  giveBack([head, reply.subarray(12, 16), other])
  expect(reply.length).toBe(0)
  expect(head.toString()).toBe("{")
  expect(other.length).toBe(8)
})

it("takes a reply of several images, or one that was given back before, for what it is", () => {
  const reply = collected(large("A"), large("B"))
  const parts = [reply.subarray(0, 4), reply.subarray(4)]
  giveBack(parts)
  giveBack(parts)
  expect(parts.map(({ length }) => length)).toEqual([0, 0])
})

it("shows the next reply nothing of the one before", () => {
  giveBack([collected(large("A"))])
  const text = `${large("B")}.`
  expect(Buffer.from(collected(text)).toString()).toBe(text)
})

it("leaves a reply that is too short for a picture", () => {
  const reply = collected("{}")
  giveBack([reply])
  expect(Buffer.from(reply).toString()).toBe("{}")
})
