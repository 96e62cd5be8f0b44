import type { z } from "zod"
import { defined } from "../lib/object.ts"
import type { gatewaySettings } from "./schema.ts"
import type { ServerConfig } from "./types.ts"

type Settings = z.output<typeof gatewaySettings>

const megabyte = 1_048_576

/** `gateway_settings` by the names that the server knows them by. */
export const serverConfigOf = (settings: Settings): ServerConfig =>
  defined({
    publicUrl: settings.public_url?.replace(/\/+$/, ""),
    trustProxy: settings.trust_proxy,
    imageFolder: settings.image_folder,
    imageLinkMs: settings.image_link_time,
    imageKeepMs: settings.image_keep_time,
    imageHosts: settings.image_hosts,
    maxBytes:
      settings.max_held_mb === undefined ? undefined : Math.round(settings.max_held_mb * megabyte),
    receiveMs: settings.receive_timeout,
    sendMs: settings.send_timeout,
    drainMs: settings.drain_timeout,
    traceOperation: settings.trace_operation,
  })
