import type { IncomingHttpHeaders } from "node:http"
import type { Caller } from "../types.ts"
import { bearerOf } from "./bearer.ts"
import { strangerTo } from "./local-only.ts"

/** The sender of a request. Throws an `ImageError` of code `unauthenticated` or `forbidden`. */
export const identifyCaller = async (
  authenticate: (bearer: string | undefined) => Promise<Caller>,
  headers: IncomingHttpHeaders,
): Promise<Caller> => {
  const caller = await authenticate(bearerOf(headers))
  const rejection = caller.kind === "anyone" ? strangerTo(headers) : undefined
  if (rejection) throw rejection
  return caller
}
