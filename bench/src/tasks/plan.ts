import { pictorAt, request } from "../clients.ts"
import type { Task } from "../task.ts"

/** `plan` alone, without a call. */
export const openPlan = async (url: string): Promise<Task> => {
  const pictor = pictorAt(url)
  return { run: () => pictor.plan(request) }
}
