import { bedrock } from "@pictor/bedrock"
import { type EmulatorOptions, emulated, type RecordedRequest } from "@pictor/bedrock-emulator"
import { createPictor, type ImageStore, type Ledger } from "@pictor/core"
import { sharpImages } from "@pictor/images"
import { novaCanvas } from "@pictor/nova-canvas"
import { sd3 } from "@pictor/sd3"

/** A client on a new emulator, which is closed at the end of the block. */
export const onEmulator = (emulator: EmulatorOptions = {}, ledger?: Ledger) => {
  const requests: RecordedRequest[] = []
  const over = bedrock(emulated({ seed: 1, ...emulator, requests }))
  const pictor = createPictor({
    adapters: [novaCanvas(over), sd3(over)],
    imageOps: sharpImages(),
    ...(ledger && { ledger }),
    runtime: { random: () => 0.5, sleep: () => Promise.resolve() },
  })
  return { pictor, requests, [Symbol.asyncDispose]: () => pictor.close() }
}

const base = "https://images.example/"

/** A store in memory, and what reads an image by the URL that it gave. */
export const memoryStore = () => {
  const kept = new Map<string, Uint8Array>()
  const imageStore: ImageStore = {
    put: async (key, image) => {
      kept.set(key, image.bytes())
    },
    get: async (key) => {
      const bytes = kept.get(key)
      return bytes && { bytes, mediaType: "image/png" }
    },
    url: async (key) => base + key,
  }
  const fetchImage = async (url: URL): Promise<Uint8Array> => {
    const bytes = kept.get(url.href.slice(base.length))
    if (!bytes) throw new Error("No such image.")
    return bytes
  }
  return { imageStore, fetchImage, kept }
}
