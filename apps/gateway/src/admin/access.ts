import { ImageError, isImageError } from "@pictor/core"
import type { Context, MiddlewareHandler } from "hono"
import { identifyCaller } from "../auth/authenticate.ts"
import { ApiError, errorBody, errorResponse, toApiError } from "../http/errors.ts"
import { rejectField } from "../keys/request-schema.ts"
import type { Caller } from "../types.ts"

export interface AdminEnv {
  readonly Variables: { readonly caller: Caller }
}

export const identify =
  (authenticate: (bearer: string | undefined) => Promise<Caller>): MiddlewareHandler<AdminEnv> =>
  async (context, next) => {
    context.set("caller", await identifyCaller(authenticate, context.req.header()))
    await next()
  }

/** Without a master key every local caller passes. */
export const requireMaster: MiddlewareHandler<AdminEnv> = async (context, next) => {
  if (context.var.caller.kind === "key")
    throw new ImageError({
      code: "forbidden",
      message: "This route needs the master key. A key can read its own data only.",
    })
  await next()
}

/** Without a master key there are no keys. */
export const requireMasterKeySetting: MiddlewareHandler<AdminEnv> = async (context, next) => {
  if (context.var.caller.kind === "anyone")
    rejectField(
      "",
      "This gateway has no master key and accepts every local request. To create keys, set general_settings.master_key to sk- and a random text, and restart the gateway.",
    )
  await next()
}

export const notFound = (message: string): ApiError => new ApiError(404, "not_found", message)

/** The key whose data a request reads: its own, or any with the master key. */
export const ownKeyOnly = (caller: Caller, keyId: string | undefined): void => {
  if (caller.keyId !== undefined && keyId !== caller.keyId)
    throw new ImageError({
      code: "forbidden",
      message: "A key can read its own data only. Use the master key for other keys.",
    })
}

/** Validation recurses into the body, and a deeper one would exhaust the stack. */
const maxDepth = 32

const isTooDeep = (body: unknown): boolean => {
  let values = [body]
  for (let depth = 0; values.length > 0; depth += 1) {
    if (depth > maxDepth) return true
    values = values.flatMap((value): unknown[] =>
      typeof value === "object" && value !== null ? Object.values(value) : [],
    )
  }
  return false
}

/** Validation leaves the name out, so that a limit under it would be lost without a word. */
const hasProto = (body: unknown): boolean => {
  const open = [body]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== "object" || value === null) continue
    if (Object.hasOwn(value, "__proto__")) return true
    for (const each of Object.values(value)) open.push(each)
  }
  return false
}

/** Throws `invalid_request` if the body is not JSON or is nested too deeply. */
export const readJson = async ({ req }: Context): Promise<unknown> => {
  const body = await req.json<unknown>().catch(() => rejectField("", "The body is not valid JSON."))
  if (hasProto(body)) rejectField("", 'The body has a field named "__proto__". Remove it.')
  if (isTooDeep(body)) rejectField("", `The body is nested more than ${maxDepth} levels deep.`)
  return body
}

/** OpenAI's error envelope, with all `issues` if there are several. Rethrows unexpected errors. */
export const toErrorResponse = (error: Error): Response => {
  if (error instanceof ApiError) return errorResponse(error)
  if (!isImageError(error)) throw error
  const apiError = toApiError(error)
  const issues = (error.issues ?? []).map(({ path, ...issue }) => ({ ...issue, param: path }))
  if (issues.length < 2) return errorResponse(apiError)
  const { status, headers } = apiError
  return Response.json({ error: { ...errorBody(apiError).error, issues } }, { status, headers })
}
