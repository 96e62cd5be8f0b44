import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import { bytesOf, pictorAt, request } from "../clients.ts"
import type { Task } from "../task.ts"

/** A 1024 × 1024 image from an emulator in the same process, including the call. */
export const openEmulator = async (): Promise<Task> => {
  const emulator = await createBedrockEmulator({ seed: 1 })
  const pictor = pictorAt(emulator.url)
  let seed = 0
  return {
    run: async () =>
      bytesOf(await pictor.generate({ ...request, size: "1024x1024", seed: seed++ })),
  }
}
