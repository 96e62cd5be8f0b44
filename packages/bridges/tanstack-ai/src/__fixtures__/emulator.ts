import { bedrock } from "@pictor/bedrock"
import { type EmulatorOptions, emulated, type RecordedRequest } from "@pictor/bedrock-emulator"
import { createPictor } from "@pictor/core"
import { sharpImages } from "@pictor/images"
import { novaCanvas } from "@pictor/nova-canvas"
import { sd3 } from "@pictor/sd3"
import { stabilityServices } from "@pictor/stability-services"
import { titan } from "@pictor/titan"
import sharp from "sharp"

/** A client on a new emulator, which is closed at the end of the block. */
export const onEmulator = (emulator: EmulatorOptions = {}) => {
  const requests: RecordedRequest[] = []
  const over = bedrock(emulated({ seed: 1, ...emulator, requests }))
  const pictor = createPictor({
    adapters: [novaCanvas(over), titan(over), sd3(over), stabilityServices(over)],
    imageOps: sharpImages(),
    runtime: { random: () => 0.5, sleep: () => Promise.resolve() },
  })
  return { pictor, requests, [Symbol.asyncDispose]: () => pictor.close() }
}

const side = 512

const plain = (background: string, width = side): Promise<Buffer> =>
  sharp({ create: { width, height: side, channels: 3, background } })
    .png()
    .toBuffer()

/** A grey picture as base64. */
export const photo = async (): Promise<string> => (await plain("#667788")).toString("base64")

/** A black mask whose left half is white, as base64. */
export const mask = async (): Promise<string> => {
  const [black, white] = [await plain("black"), await plain("white", side / 2)]
  const drawn = sharp(black).composite([{ input: white, left: 0, top: 0 }])
  return (await drawn.removeAlpha().png().toBuffer()).toString("base64")
}
