import type { IncomingHttpHeaders } from "node:http"
import { ImageError } from "@pictor/core"

/** Names of this machine that nobody else can reach. */
export const isLoopback = (host: string): boolean =>
  /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)

const nameOf = (host: string): string => host.replace(/:\d+$/, "")

const remedy = "Set general_settings.master_key, and send a key."

/**
 * A gateway without keys is for programs of its own machine. A page in a browser there is not one of them: it could come from anywhere, also under a name
 * that somebody lets point at 127.0.0.1, and spend money.
 */
export const strangerTo = ({ origin, host = "" }: IncomingHttpHeaders): ImageError | undefined => {
  // Clients may write 0.0.0.0 for this machine, as LiteLLM's own examples do.
  if (!isLoopback(nameOf(host)) && nameOf(host) !== "0.0.0.0")
    return new ImageError({
      code: "forbidden",
      message: `Without a master key this gateway answers under names of its own machine only. ${remedy}`,
    })
  const from = origin === undefined || !URL.canParse(origin) ? undefined : new URL(origin).host
  if (origin === undefined || from === host) return undefined
  return new ImageError({
    code: "forbidden",
    message: `Without a master key this gateway does not answer other sites' pages. ${remedy}`,
  })
}
