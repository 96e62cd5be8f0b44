import type { ImageResult } from "@pictor/core"
import { bytesOf, pictorAt, request } from "../clients.ts"
import type { Task } from "../task.ts"

/** `generate` without decoding the image. */
export const openPictor = async (url: string): Promise<Task> => {
  const pictor = pictorAt(url)
  return { run: () => pictor.generate(request), picture: (result: ImageResult) => bytesOf(result) }
}

/** `generate` and `bytes()`. */
export const openPictorBytes = async (url: string): Promise<Task> => {
  const pictor = pictorAt(url)
  return {
    run: async () => bytesOf(await pictor.generate(request)),
    picture: (bytes: Uint8Array) => bytes,
  }
}
