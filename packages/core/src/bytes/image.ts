import type { Base64 } from "../contract/adapter.ts"
import { imageError } from "../contract/errors.ts"
import type { Image, Recipe } from "../contract/result.ts"
import { defined } from "../tools/defined.ts"
import {
  type Characters,
  charactersOf,
  decodeBase64,
  decodePieces,
  standardBase64,
  standardBase64Bytes,
} from "./base64.ts"
import { sha256 } from "./sha256.ts"
import { sniffBase64 } from "./sniff.ts"

export interface ImageOptions {
  readonly data: Base64
  readonly seed?: number | undefined
  readonly recipe: Recipe
}

/**
 * An image whose bytes are decoded anew at each `bytes()`, `blob()` and `sha256()`: nothing decoded is kept, and what is handed out is the caller's own.
 * Never throws; data that is not base64 makes its methods throw (`sha256()` reject, `stream()` fail with) an `invalid_response`.
 */
export const createImage = ({ data, seed, recipe }: ImageOptions): Image => {
  const { mediaType, width, height } = sniffBase64(data) ?? {
    mediaType: "application/octet-stream",
    width: Number.NaN,
    height: Number.NaN,
  }
  const read = <Result>(use: (characters: Characters) => Result): Result => {
    try {
      return use(charactersOf(data))
    } catch (cause) {
      throw imageError(
        "invalid_response",
        `the image that ${recipe.model} returned is not valid base64`,
        { cause },
      )
    }
  }
  const bytes = () => read(decodeBase64)
  const facts = { mediaType, width, height, ...defined({ seed }) }
  return {
    ...facts,
    recipe,
    bytes,
    base64: () => read(standardBase64),
    base64Bytes: () => read(standardBase64Bytes),
    blob: () => new Blob([bytes()], { type: mediaType }),
    stream: () => {
      let pieces: ReturnType<typeof decodePieces> | undefined
      return new ReadableStream<Uint8Array<ArrayBuffer>>(
        {
          pull(controller) {
            const { done, value } = read((characters) => {
              pieces ??= decodePieces(characters)
              return pieces.next()
            })
            if (done) controller.close()
            else controller.enqueue(value)
          },
        },
        // Nothing is decoded ahead of its reader.
        { highWaterMark: 0 },
      )
    },
    sha256: async () => sha256(bytes()),
    detach: () =>
      createImage({
        data: typeof data === "string" ? data : { base64: Uint8Array.from(data.base64) },
        seed,
        recipe,
      }),
  }
}
