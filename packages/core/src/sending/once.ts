import { isImageError } from "../contract/errors.ts"
import type { ImageResult } from "../contract/result.ts"
import type { Registry } from "../models/registry.ts"
import type { Asked, Planning } from "../planning/planning.ts"
import { createJoin, type Turns } from "./idempotency.ts"
import { ordered } from "./order.ts"
import { type Keeping, keepImages, replayed } from "./replayed.ts"
import type { GenerateOptions, Once } from "./run.ts"
import type { Stopping } from "./stopping.ts"

type Run = (stopping: Stopping, once?: Once) => Promise<ImageResult>

/** Runs requests that have an idempotency key: each joins the same one that is running, and gets again what was done before. */
export const createOnce = (keeping: Keeping, registry: Registry, planning: Planning) => {
  const join = createJoin()
  const { store } = keeping
  return (
    asked: Asked,
    running: GenerateOptions,
    turns: Turns | undefined,
    run: Run,
  ): Promise<ImageResult> => {
    const planned = ordered(asked, registry, planning)
    return join(planned, running, (stopping, idempotency) => {
      if (!idempotency) return run(stopping)
      return run(stopping, {
        idempotency: { ...idempotency, turns: turns ?? {} },
        keep: async (id, slots, warnings) => {
          if (store) await keepImages(store, id, slots, warnings)
        },
        replayed: async (error) => {
          if (!isImageError(error, "idempotency_replayed")) throw error
          return replayed(error, keeping, planned, idempotency)
        },
      })
    })
  }
}
