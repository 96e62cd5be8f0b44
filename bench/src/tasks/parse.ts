import { parseAndDecode, replies } from "../reply.ts"
import type { Task } from "../task.ts"

/** The reply's text, `JSON.parse` and `Buffer.from`. */
export const openParse = async (): Promise<Task> => {
  const next = replies()
  return { run: () => parseAndDecode(next()), picture: (bytes: Uint8Array) => bytes }
}
