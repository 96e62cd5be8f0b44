import { type CallDraft, type JsonObject, toBody } from "@pictor/core/adapter"

/** Each picture has its media type beside it, which a path cannot say. */
export const encode = (draft: CallDraft): JsonObject => {
  const { images = [], prompt } = draft.fields
  const body = toBody(draft)
  if (images.length === 0) return body
  const pictures = images.map(({ mediaType, base64 }) => ({
    inlineData: { mimeType: mediaType, data: base64 },
  }))
  return { ...body, contents: [{ role: "user", parts: [{ text: prompt }, ...pictures] }] }
}
