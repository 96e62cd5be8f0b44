import { ImageError } from "@pictor/core"
import type { Context, MiddlewareHandler } from "hono"
import { bearerOf } from "../auth/bearer.ts"
import { strangerTo } from "../auth/local-only.ts"
import { refuse } from "../keys/request-schema.ts"
import type { Caller } from "../types.ts"

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
  if (context.var.caller.kind === "key")
    throw new ImageError({
      code: "forbidden",
      message: "This needs the master key: a key sees only itself.",
    })
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

const deepest = 32

/** What looks at fields goes down into them, and would come to the end of its stack. */
const isTooDeep = (body: unknown): boolean => {
  let values = [body]
  for (let depth = 0; values.length > 0; depth += 1) {
    if (depth > deepest) return true
    values = values.flatMap((value): unknown[] =>
      typeof value === "object" && value !== null ? Object.values(value) : [],
    )
  }
  return false
}

const readJson = async ({ req }: Context): Promise<unknown> => {
  try {
    return await req.json<unknown>()
  } catch {
    return refuse([{ code: "invalid_request", path: "", message: "The body is not JSON." }])
  }
}

/** The JSON of a request; throws `invalid_request` where it is none, or nested too deep to be looked at. */
export const bodyOf = async (context: Context): Promise<unknown> => {
  const body = await readJson(context)
  if (isTooDeep(body))
    refuse([
      {
        code: "invalid_request",
        path: "",
        message: `The body is nested more than ${deepest} deep: send flatter fields.`,
      },
    ])
  return body
}
