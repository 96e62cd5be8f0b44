import { type BedrockOptions, bedrock } from "@pictor/bedrock"
import { type EmulatorOptions, emulated, type RecordedRequest } from "@pictor/bedrock-emulator"
import { createPictor, type PictorOptions } from "@pictor/core"
import { familiesOn } from "./families.ts"

type Families = ReturnType<typeof familiesOn>

/** All families over HTTP/1.1 to a new emulator, which is closed at the end of the block. */
export const onEmulator = (
  emulator: EmulatorOptions = {},
  options: Omit<PictorOptions<Families>, "adapters"> = {},
  transport: BedrockOptions = {},
) => {
  const requests: RecordedRequest[] = []
  const over = bedrock({ ...emulated({ seed: 1, ...emulator, requests }), ...transport })
  const pictor = createPictor({ ...options, adapters: familiesOn(over) })
  return { pictor, requests, [Symbol.asyncDispose]: () => pictor.close() }
}

/** No pause between attempts, and constant random numbers. */
export const quick = { now: Date.now, random: () => 0.5, sleep: () => Promise.resolve() }
