import { Agent, request } from "undici"
import type { Task } from "../task.ts"

/** The least that any client does: a POST that orders the picture, and a GET into memory. */
export const openDownload = async (url: string): Promise<Task> => {
  const dispatcher = new Agent()
  const headers = { "content-type": "application/json" }
  const body = JSON.stringify({ prompt: "Sri lanka tea plantation.", seed: 7 })
  return {
    run: async () => {
      const reply = await request(`${url}/links`, { method: "POST", dispatcher, headers, body })
      const { images } = (await reply.body.json()) as { images: [{ url: string }] }
      return (await request(images[0].url, { dispatcher })).body.bytes()
    },
    picture: (bytes: Uint8Array) => bytes,
  }
}
