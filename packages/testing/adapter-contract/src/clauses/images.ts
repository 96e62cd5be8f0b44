import type { Image } from "@pictor/core"
import { clientOf } from "../client.ts"
import type { Clause, Context } from "../contract.ts"
import { samplesOf } from "../samples.ts"
import { requestWith, type Subject, subjectsOf } from "../subject.ts"

const firstImage = async (
  context: Context,
  subject: Subject,
  fields: Readonly<Record<string, unknown>> = {},
) => {
  const client = clientOf(context, subject, context.deliver)
  const plan = await client.plan(requestWith(subject, fields))
  const { images } = await client.run(plan)
  return { plan, image: images[0] as Image }
}

const hashOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("")

const imageBytes: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context)) {
    const { image } = await firstImage(context, subject)
    const bytes = image.bytes()
    expect(bytes.length, `${subject.label}: bytes of the image`).toBeGreaterThan(0)
    expect(image.mediaType, `${subject.label}: the format of the bytes`).toMatch(
      /^image\/(png|jpeg|webp|gif)$/,
    )
    expect(await image.sha256(), `${subject.label}: the image's hash`).toBe(await hashOf(bytes))
    const read = Uint8Array.from(atob(image.base64()), (character) => character.charCodeAt(0))
    expect(await hashOf(read), `${subject.label}: the hash of the image's base64`).toBe(
      await hashOf(bytes),
    )
    expect([image.blob().size, image.blob().type], `${subject.label}: the image's blob`).toEqual([
      bytes.length,
      image.mediaType,
    ])
  }
}

// Another clause tests bytes of unknown formats.
const isKnown = ({ mediaType }: Image): boolean => mediaType.startsWith("image/")

const imageSize: Clause = async (context) => {
  for (const subject of subjectsOf(context)) {
    const { plan, image } = await firstImage(context, subject)
    const { width, height } = image
    if (isKnown(image) && plan.outputSize)
      context
        .expect({ width, height }, `${subject.label}: the image's size`)
        .toEqual(plan.outputSize)
  }
}

const imageFormat: Clause = async (context) => {
  for (const subject of subjectsOf(context)) {
    const { outputFormat } = subject.taskCard.fields
    for (const value of outputFormat ? samplesOf(outputFormat) : []) {
      const { image } = await firstImage(context, subject, { outputFormat: value })
      if (isKnown(image))
        context
          .expect(
            image.mediaType,
            `${subject.label}: the format of an image requested as ${String(value)}`,
          )
          .toBe(`image/${String(value).replace("image/", "")}`)
    }
  }
}

export const imageClauses = {
  "image-bytes": imageBytes,
  "image-size": imageSize,
  "image-format": imageFormat,
} as const
