import { lift } from "@pictor/core/adapter"
import { firstImage, replies } from "../reply.ts"
import type { Task } from "../task.ts"

interface Lifted {
  readonly base64: Uint8Array
}

/** `lift` alone: the image stays a view on the reply. */
export const openLift = async (): Promise<Task> => {
  const next = replies()
  return {
    run: () => lift(next()),
    picture: (lifted: unknown) =>
      Buffer.from(new TextDecoder().decode((firstImage(lifted) as Lifted).base64), "base64"),
  }
}
