import type { AdapterContract } from "@pictor/adapter-contract"
import { ImageError } from "@pictor/core"
import type { TransportCall } from "@pictor/core/adapter"
import { openaiImages } from "../index.ts"
import { image, mask, transparentMask } from "./images.ts"

const prompt = "a lighthouse"
const quality = "low"
const size = "1024x640"

/** One model of each kind. The others have their tasks. */
const kinds: readonly string[] = ["gpt-image-2.6-sunburst", "gpt-image-1.5", "dall-e-3"]

/** The contract kit's input, for any transport to the emulator. */
export const contract: Omit<AdapterContract, "provider"> = {
  create: (transport) => {
    const adapter = openaiImages(transport)
    return { ...adapter, models: adapter.models.filter(({ id }) => kinds.includes(id)) }
  },
  requests: {
    "text-to-image": [
      { model: "gpt-image-2.6-sunburst", prompt, size },
      { model: "gpt-image-1.5", prompt },
      { model: "dall-e-3", prompt },
    ],
    "image-to-image": [
      { model: "gpt-image-2.6-sunburst", images: [image, mask], prompt, quality, size },
      { model: "gpt-image-1.5", images: [image], prompt, quality },
    ],
    inpaint: { image, prompt, quality, options: { mask: transparentMask } },
  },
  outcomes: {
    filtered: new ImageError({
      code: "content_filtered",
      message: "The provider's moderation blocked the image",
      stage: "output",
    }),
    malformed: { data: [7] },
  },
  skip: { "filtered-partial": "moderation blocks a whole call" },
}

/** The API no longer has DALL·E 3: another model answers in its place. */
export const onLiveModel = (call: TransportCall): TransportCall => {
  if (call.model !== "dall-e-3") return call
  const { response_format: _format, style: _style, quality: _quality, ...body } = call.body
  return { ...call, body: { ...body, model: "gpt-image-1.5", quality: "low" } }
}
