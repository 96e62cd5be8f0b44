import { createPictor, type ImageResult } from "@pictor/core"
import { type AdapterDefinition, isImageData } from "@pictor/core/adapter"
import { http } from "@pictor/http"
import { novaCanvas } from "@pictor/nova-canvas"
import { bytesOf, request } from "../clients.ts"
import type { Task } from "../task.ts"

/** Nova Canvas's cards over an HTTP API. `file`: where its replies have URLs. */
const openHttp = (
  baseUrl: string,
  { file, ...results }: { readonly file?: string } & Partial<AdapterDefinition> = {},
): Task => {
  const adapter = {
    ...novaCanvas(http({ key: "bench-key", baseUrl })),
    ...results,
    http: {
      provider: "bench",
      baseUrl,
      auth: { header: "authorization" },
      ...(file !== undefined && { file }),
    },
  }
  const pictor = createPictor({ adapters: [adapter] })
  return { run: () => pictor.generate(request), picture: (result: ImageResult) => bytesOf(result) }
}

/** `generate` of a base64 reply, without decoding the image. */
export const openPictorHttp = async (url: string): Promise<Task> => openHttp(url)

/** `generate` of a reply with a URL, which is downloaded. */
export const openPictorFile = async (url: string): Promise<Task> =>
  openHttp(`${url}/links`, {
    file: "images.#.url",
    decode: (reply) =>
      (reply as { readonly images: readonly { readonly url: unknown }[] }).images.flatMap(
        ({ url: data }) => (isImageData(data) ? [{ status: "delivered", data }] : []),
      ),
  })
