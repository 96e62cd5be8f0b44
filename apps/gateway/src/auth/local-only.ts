import type { IncomingHttpHeaders } from "node:http"
import { ImageError } from "@pictor/core"

export const isLoopback = (host: string): boolean =>
  /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)

const reject = (message: string): never => {
  throw new ImageError({
    code: "forbidden",
    message: `${message} Set general_settings.master_key and send a key.`,
  })
}

/**
 * Without a master key the gateway serves programs on this machine only. A web page in a local
 * browser is not one of them: a foreign page could spend money, also through a DNS name that
 * resolves to 127.0.0.1. Throws `forbidden`.
 */
export const rejectNonLocal = ({ origin, host = "" }: IncomingHttpHeaders): void => {
  const name = host.replace(/:\d+$/, "")
  // LiteLLM's examples use 0.0.0.0 for this machine.
  if (!isLoopback(name) && name !== "0.0.0.0")
    reject("Without a master key, the gateway accepts requests to a local host name only.")
  const page = origin !== undefined && URL.canParse(origin) ? new URL(origin).host : undefined
  if (origin !== undefined && page !== host)
    reject("Without a master key, the gateway rejects requests from web pages of other sites.")
}
