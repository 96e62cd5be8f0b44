import { createPictor, type Middleware } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { novaCanvas } from "@pictor/nova-canvas"
import { novaOmni } from "@pictor/nova-omni"
import { sd3 } from "@pictor/sd3"
import { stabilitySdxl } from "@pictor/stability-sdxl"
import { titan } from "@pictor/titan"

/** A client for every model of this app, on one transport. */
export const createClient = (transport: Transport, middleware: readonly Middleware[] = []) =>
  createPictor({
    adapters: [
      stabilitySdxl(transport),
      sd3(transport),
      titan(transport),
      novaCanvas(transport),
      novaOmni(transport),
    ],
    middleware,
  })

export type Client = ReturnType<typeof createClient>
