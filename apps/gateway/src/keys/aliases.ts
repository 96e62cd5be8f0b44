import type { Middleware } from "@pictor/core"
import { modelOf } from "../auth/model-access.ts"
import { calls } from "../request-context.ts"

/** Brings a key's own name for a model back to the model's; it belongs outside everything that reads the name. */
export const aliases: Middleware = {
  name: "aliases",
  request: (request, next) => {
    const caller = calls.getStore()?.caller
    const model = caller ? modelOf(caller, request.model) : request.model
    return next(model === request.model ? request : { ...request, model })
  },
}
