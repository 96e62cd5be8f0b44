import type { ImageAdapter, ModelCard } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { novaCanvas } from "@pictor/nova-canvas"
import { novaOmni } from "@pictor/nova-omni"
import { sd3 } from "@pictor/sd3"
import { stabilitySdxl } from "@pictor/stability-sdxl"
import { stabilityServices } from "@pictor/stability-services"
import { titan } from "@pictor/titan"

/** Every Bedrock family on one transport. */
export const familiesOn = (transport: Transport) =>
  [
    stabilitySdxl(transport),
    sd3(transport),
    titan(transport),
    novaCanvas(transport),
    novaOmni(transport),
    stabilityServices(transport),
  ] as const

/** A transport for plans alone. */
export const nowhere: Transport = {
  name: "nowhere",
  invoke: () => Promise.reject(new Error("a plan needs no network")),
}

export const cards: readonly ModelCard[] = (familiesOn(nowhere) as readonly ImageAdapter[]).flatMap(
  ({ models }) => models,
)

export const isFull = process.env["PICTOR_SCALE"] === "full"

/**
 * A count of the property tests: all of it with PICTOR_SCALE=full, else a twentieth and never fewer
 * than 5.
 */
export const scaled = (full: number): number => (isFull ? full : Math.max(5, Math.ceil(full / 20)))
