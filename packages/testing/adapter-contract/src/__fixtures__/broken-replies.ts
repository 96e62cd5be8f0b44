import type { JsonObject } from "@pictor/core"
import { isImageData, type Outcome } from "@pictor/core/adapter"
import type { Broken } from "./broken.ts"
import {
  countingMini,
  decode,
  draw,
  failed,
  filtered,
  heldOf,
  type Mini,
  pictureOutcome,
  picturesOf,
} from "./mini.ts"

const decoding =
  (read: (reply: unknown, count: number) => readonly Outcome[]): (() => Mini) =>
  () => ({ decode: read })

/** Decodes with another way to read an image. */
const reading = (read: (data: unknown, picture: JsonObject) => unknown): (() => Mini) =>
  decoding((reply, count) => {
    const pictures = picturesOf(reply).map((picture) =>
      pictureOutcome({ ...picture, data: read(picture.data, picture as JsonObject) }),
    )
    const missing = Array.from({ length: Math.max(0, count - pictures.length) }, (_, index) =>
      index < heldOf(reply) ? filtered : failed(),
    )
    return [...pictures, ...missing]
  })

const placeholder = draw(64, 64, 0, 100)

const plain = (data: unknown): string => (typeof data === "string" ? data : "")

export const brokenReplies: readonly Broken[] = [
  {
    clause: "split-images",
    mistake: "reads at most two images",
    parts: decoding((reply, count) =>
      decode(reply, count).map((outcome, index) =>
        index > 1 && outcome.status === "delivered" ? failed() : outcome,
      ),
    ),
  },
  {
    clause: "image-bytes",
    mistake: "reads the checksum as the image",
    parts: reading((_, { checksum }) => checksum),
  },
  {
    clause: "image-size",
    mistake: "reads the preview as the image",
    parts: reading((data, { preview }) => preview ?? data),
  },
  {
    clause: "filtered-all",
    mistake: "delivers filtered images",
    parts: decoding((reply, count) => {
      const shown = picturesOf(reply).map((picture) => ({ ...picture, held: false }))
      return decode({ ...(reply as JsonObject), pictures: shown }, count)
    }),
  },
  {
    clause: "filtered-partial",
    mistake: "loses all images if one is filtered",
    parts: decoding((reply, count) =>
      heldOf(reply) > 0 ? Array.from({ length: count }, () => filtered) : decode(reply, count),
    ),
  },
  {
    clause: "error-malformed",
    mistake: "delivers absent images",
    parts: decoding((reply, count) =>
      decode(reply, count).map((outcome) =>
        outcome.status === "failed" ? { status: "delivered", data: placeholder } : outcome,
      ),
    ),
  },
  {
    clause: "error-secrets",
    mistake: "quotes the reply",
    parts: decoding((reply, count) =>
      decode(reply, count).map((outcome) =>
        outcome.status === "failed" ? failed(`No image in ${JSON.stringify(reply)}.`) : outcome,
      ),
    ),
  },
  {
    clause: "decode-total",
    mistake: "expects the reply to be an object",
    parts: decoding((reply, count) =>
      decode({ pictures: (reply as JsonObject)["pictures"], held: heldOf(reply) }, count),
    ),
  },
  {
    clause: "decode-total",
    mistake: "gives fewer outcomes than slots",
    parts: decoding((reply, count) =>
      picturesOf(reply).length === 0 && heldOf(reply) === 0 ? [] : decode(reply, count),
    ),
  },
  {
    clause: "decode-pure",
    mistake: "changes the reply",
    parts: decoding((reply, count) => {
      const outcomes = decode(reply, count)
      if (picturesOf(reply).length > 0) (reply as { pictures: unknown[] }).pictures.pop()
      return outcomes
    }),
  },
  {
    clause: "cost-delivered",
    mistake: "charges for one more image than requested",
    parts: decoding((reply, count) => {
      const outcomes = decode(reply, count)
      return outcomes.every(({ status }) => status === "delivered")
        ? [...outcomes, { ...filtered, billed: true }]
        : outcomes
    }),
  },
  {
    clause: "cost-delivered",
    mistake: "counts more than its upper bound",
    parts: () => countingMini(2.01),
  },
  {
    clause: "lift-views",
    mistake: "reads images as texts only",
    parts: reading((data) => (typeof data === "string" ? data : undefined)),
  },
  {
    clause: "lift-space",
    mistake: "rejects images in lines",
    parts: reading((data) => (/\s/.test(plain(data)) ? undefined : data)),
  },
  {
    clause: "lift-forms",
    mistake: "rejects images without padding",
    parts: reading((data) =>
      plain(data).replace(/\s/g, "").length % 4 === 0 && isImageData(data) ? data : undefined,
    ),
  },
]
