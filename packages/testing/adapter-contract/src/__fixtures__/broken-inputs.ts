import type { JsonObject } from "@pictor/core"
import type { CallDraft } from "@pictor/core/adapter"
import { drawPng, toBase64 } from "../png.ts"
import type { Broken } from "./broken.ts"
import { decode, encode, failed, type Mini } from "./mini.ts"

const editing =
  (change: (edit: JsonObject, draft: CallDraft) => JsonObject): (() => Mini) =>
  () => ({
    encode: (draft) => {
      const body = encode(draft)
      return "edit" in body ? { ...body, edit: change(body["edit"] as JsonObject, draft) } : body
    },
  })

const without = (edit: JsonObject, key: string): JsonObject =>
  Object.fromEntries(Object.entries(edit).filter(([name]) => name !== key))

const blank = toBase64(drawPng({ width: 64, height: 64, name: "blank", isWhite: () => false }))

export const brokenInputs: readonly Broken[] = [
  {
    clause: "input-places",
    mistake: "forgets the reference image",
    parts: editing((edit) => without(edit, "reference")),
  },
  {
    clause: "input-places",
    mistake: "sends the first of several images",
    parts: editing((edit) =>
      Array.isArray(edit["images"]) ? { ...edit, images: edit["images"].slice(0, 1) } : edit,
    ),
  },
  {
    clause: "input-places",
    mistake: "forgets a part of the garment",
    parts: editing((edit) => without(edit, "keep")),
  },
  {
    clause: "input-places",
    mistake: "sends another control than requested",
    parts: editing((edit) => ("force" in edit ? { ...edit, by: "SKETCH" } : edit)),
  },
  {
    clause: "mask-polarity",
    mistake: "blanks the mask",
    parts: editing((edit) => ("mask" in edit ? { ...edit, mask: blank } : edit)),
  },
  {
    clause: "strength-direction",
    mistake: "inverts an inverted strength",
    parts: editing((edit) =>
      typeof edit["likeness"] === "number" ? { ...edit, likeness: 1 - edit["likeness"] } : edit,
    ),
  },
  {
    clause: "strength-direction",
    mistake: "omits the control strength",
    parts: editing((edit) => without(edit, "force")),
  },
  {
    clause: "plan-json",
    mistake: "adds the image once more, in a longer text",
    parts: editing((edit, { fields }) =>
      fields.image ? { ...edit, preview: `<img src="${fields.image.base64}">` } : edit,
    ),
  },
  {
    clause: "error-images",
    mistake: "quotes the reply",
    parts: () => ({
      decode: (reply, count) => {
        const { message } = (typeof reply === "object" && reply !== null ? reply : {}) as JsonObject
        const quoted = typeof message === "string" && /^[A-Za-z0-9+/=]{100,}$/.test(message)
        return decode(reply, count).map((outcome) =>
          quoted && outcome.status === "failed" ? failed(`No image, but ${message}.`) : outcome,
        )
      },
    }),
  },
]
