import { ImageError } from "@pictor/core"
import type { Context, MiddlewareHandler } from "hono"
import { bearerOf } from "../server/bearer.ts"
import { strangerTo } from "../server/local-only.ts"
import type { Caller } from "../types.ts"
import { refuse } from "./fields.ts"

export interface Env {
  readonly Variables: { readonly caller: Caller }
}

export const identify =
  (authenticate: (bearer: string | undefined) => Promise<Caller>): MiddlewareHandler<Env> =>
  async (context, next) => {
    const headers = context.req.header()
    const caller = await authenticate(bearerOf(headers))
    const stranger = caller.kind === "anyone" ? strangerTo(headers) : undefined
    if (stranger) throw new ImageError({ code: "forbidden", message: stranger.message })
    context.set("caller", caller)
    await next()
  }

/** Lets the master key pass; without one, everybody. */
export const masterOnly: MiddlewareHandler<Env> = async (context, next) => {
  if (context.var.caller.kind === "key") throw new ImageError({ code: "forbidden", message: "This needs the master key: a key sees only itself." })
  await next()
}

/** Keys are of no use where everybody is let in. */
export const needsMasterKey: MiddlewareHandler<Env> = async (context, next) => {
  if (context.var.caller.kind === "anyone")
    throw new ImageError({
      code: "invalid_request",
      message:
        "This gateway has no master key and lets everybody in. To make keys, set general_settings.master_key in its configuration (sk- and something that nobody guesses) and start it again.",
    })
  await next()
}

export const bodyOf = async ({ req }: Context): Promise<unknown> => {
  try {
    return await req.json<unknown>()
  } catch {
    return refuse([{ code: "invalid_request", path: "", message: "The body is not JSON." }])
  }
}
