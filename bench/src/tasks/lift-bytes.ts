import type { Reply, Transport } from "@pictor/core/adapter"
import { bytesOf, pictorOver, request } from "../clients.ts"
import { replies } from "../reply.ts"
import type { Task } from "../task.ts"

/** `generate` over a transport in memory, and `bytes()`; it includes planning. */
export const openLiftBytes = async (): Promise<Task> => {
  const next = replies()
  const transport: Transport = {
    name: "memory",
    invoke: async (): Promise<Reply> => ({ body: next(), status: 200, headers: {} }),
  }
  const pictor = pictorOver(transport)
  return {
    run: async () => bytesOf(await pictor.generate(request)),
    picture: (bytes: Uint8Array) => bytes,
  }
}
