import { Agent, request } from "undici"
import type { Task } from "../task.ts"

/** One GET into memory. */
export const openDownload = async (url: string): Promise<Task> => {
  const dispatcher = new Agent()
  return {
    run: async () => (await request(`${url}/picture.png`, { dispatcher })).body.bytes(),
    picture: (bytes: Uint8Array) => bytes,
  }
}
