import { bedrock } from "@pictor/bedrock"
import { type EmulatorOptions, emulated, type RecordedRequest } from "@pictor/bedrock-emulator"
import { createPictor, type PictorOptions } from "@pictor/core"
import type { ImageAdapter } from "@pictor/core/adapter"
import { sharpImages } from "@pictor/images"
import { novaCanvas } from "@pictor/nova-canvas"
import { sd3 } from "@pictor/sd3"
import { stabilityServices } from "@pictor/stability-services"
import sharp from "sharp"

/** A client on a new emulator, which is closed at the end of the block. */
export const onEmulator = (
  emulator: EmulatorOptions = {},
  options: Partial<PictorOptions<readonly ImageAdapter[]>> = {},
) => {
  const requests: RecordedRequest[] = []
  const over = bedrock(emulated({ seed: 1, ...emulator, requests }))
  const pictor = createPictor({
    imageOps: sharpImages(),
    runtime: { random: () => 0.5, sleep: () => Promise.resolve() },
    ...options,
    adapters: [novaCanvas(over), sd3(over), stabilityServices(over)],
  })
  return { pictor, requests, [Symbol.asyncDispose]: () => pictor.close() }
}

const side = 512

/** A grey picture. */
export const photo = (): Promise<Buffer> =>
  sharp({ create: { width: side, height: side, channels: 3, background: "#667788" } })
    .png()
    .toBuffer()

const half = (background: string): Promise<Buffer> =>
  sharp({ create: { width: side / 2, height: side, channels: 4, background } })
    .png()
    .toBuffer()

/** A black mask whose left half is white. */
export const blackAndWhiteMask = async (): Promise<Buffer> =>
  sharp({ create: { width: side, height: side, channels: 3, background: "black" } })
    .composite([{ input: await half("white"), left: 0, top: 0 }])
    .removeAlpha()
    .png()
    .toBuffer()

/** A mask whose left half is transparent. */
export const transparentMask = async (): Promise<Buffer> =>
  sharp({ create: { width: side, height: side, channels: 4, background: "#00000000" } })
    .composite([{ input: await half("#667788"), left: side / 2, top: 0 }])
    .png()
    .toBuffer()
