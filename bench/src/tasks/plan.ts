import { pictorAt, request } from "../clients.ts"
import type { Task } from "../task.ts"

/** `plan` alone; nothing is sent. */
export const openPlan = async (url: string): Promise<Task> => {
  const pictor = pictorAt(url)
  return { run: () => pictor.plan(request) }
}
