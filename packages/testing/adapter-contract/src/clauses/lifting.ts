import type { Reply } from "@pictor/core/adapter"
import { generate } from "../client.ts"
import type { Clause, Context } from "../contract.ts"
import { base64Of, deliveredTo, firstCall } from "../examples.ts"
import { bytesOf, replyOf, textOf } from "../provider.ts"
import { randomNumbers } from "../random.ts"
import { subjectsOf } from "../subject.ts"

const seed = 4_111_976

const encoder = new TextEncoder()

interface Delivered {
  readonly reply: Reply
  readonly json: unknown
  /** The base64 texts of its images. */
  readonly images: readonly string[]
}

/** The same reply in other forms, by name. */
type Rewrite = (delivered: Delivered) => Readonly<Record<string, Reply>>

/** Every rewritten reply must give the same images, byte for byte. */
const unchangedBy =
  (rewrite: Rewrite): Clause =>
  async (context) => {
    for (const subject of subjectsOf(context)) {
      const call = await firstCall(context, subject, 1)
      const reply = await context.deliver(call)
      const wanted = await hashesOf(context, subject, reply)
      const rewritten = rewrite({ reply, ...(await deliveredTo(context, call, 1)) })
      for (const [name, other] of Object.entries(rewritten))
        context
          .expect(
            await hashesOf(context, subject, other),
            `${subject.label}: images of a reply with ${name}`,
          )
          .toEqual(wanted)
    }
  }

const hashesOf = async (
  context: Context,
  subject: Parameters<typeof generate>[1],
  reply: Reply,
): Promise<readonly string[]> => {
  const { images } = await generate(context, subject, async () => reply)
  return Promise.all(images.map((image) => image.sha256()))
}

const textReply = (text: string): Reply => replyOf(encoder.encode(text))

/** The JSON with changed image texts. */
const withImages = ({ json, images }: Delivered, change: (base64: string) => unknown): unknown => {
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return images.includes(value) ? change(value) : value
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each)]))
  }
  return walk(json)
}

const escapes: Rewrite = ({ reply }) => {
  const text = textOf(reply)
  return {
    "escaped slashes": textReply(text.replaceAll("/", "\\/")),
    "escaped letters": textReply(
      text.replace(
        /(?<=[A-Za-z0-9+/]{20})[A-Z](?=[A-Za-z0-9+/]{20})/g,
        (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
      ),
    ),
  }
}

const space: Rewrite = (delivered) => {
  const spread = JSON.stringify(delivered.json, undefined, "\t").replaceAll("\n", "\r\n ")
  const wrapped = withImages(delivered, (base64) => base64.replace(/.{76}/g, "$&\r\n"))
  return {
    "white space between its values": textReply(` \n${spread}\n`),
    "images in lines": textReply(JSON.stringify(wrapped)),
  }
}

const forms: Rewrite = (delivered) => ({
  "images as data URLs": textReply(
    JSON.stringify(withImages(delivered, (base64) => `data:image/png;base64,${base64}`)),
  ),
  "images without padding": textReply(
    JSON.stringify(withImages(delivered, (base64) => base64.replace(/=+$/, ""))),
  ),
})

const cutIn = (bytes: Uint8Array, cuts: readonly number[]): Reply => {
  const borders = [0, ...cuts.toSorted((left, right) => left - right), bytes.length]
  return replyOf(borders.slice(1).map((to, index) => bytes.subarray(borders[index], to)))
}

const chunks: Rewrite = ({ reply }) => {
  const bytes = bytesOf(reply)
  const random = randomNumbers(seed)
  const places = (count: number): readonly number[] =>
    Array.from({ length: count }, () => Math.floor(random() * bytes.length))
  return {
    [`2 pieces (random seed ${seed})`]: cutIn(bytes, places(1)),
    [`20 pieces (random seed ${seed})`]: cutIn(bytes, places(19)),
    "pieces of one byte at both ends": cutIn(bytes, [
      1,
      2,
      3,
      bytes.length - 3,
      bytes.length - 2,
      bytes.length - 1,
    ]),
    "an empty piece": cutIn(bytes, [0, bytes.length]),
  }
}

const liftViews: Clause = async (context) => {
  const { expect } = context
  const adapter = context.contract.create({ name: "contract", invoke: context.deliver })
  for (const subject of subjectsOf(context)) {
    const { limit, label } = subject
    const call = await firstCall(context, subject, limit)
    const delivered = {
      reply: await context.deliver(call),
      ...(await deliveredTo(context, call, limit)),
    }
    expect(delivered.images.length, `${label}: images in texts of the reply`).toBeGreaterThan(0)
    const lifted = withImages(delivered, (base64) => ({ base64: encoder.encode(base64) }))
    const images = base64Of(adapter.decode(lifted, limit))
    expect(images.length, `${label}: images in views on the reply`).toBe(delivered.images.length)
    expect(
      images.every((image, index) => image === delivered.images[index]),
      `${label}: the images in views are those in texts`,
    ).toBe(true)
  }
}

export const liftingClauses = {
  "lift-views": liftViews,
  "lift-escapes": unchangedBy(escapes),
  "lift-space": unchangedBy(space),
  "lift-forms": unchangedBy(forms),
  "lift-chunks": unchangedBy(chunks),
} as const
