import { type BedrockOptions, bedrock } from "@pictor/bedrock"
import {
  type BedrockEmulator,
  createBedrockEmulator,
  type EmulatorOptions,
} from "@pictor/bedrock-emulator"
import { createPictor, type PictorOptions } from "@pictor/core"
import { familiesOn } from "./families.ts"

type Families = ReturnType<typeof familiesOn>

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "emulated" }

/** Every family over the SDK's default HTTP/2 handler against an emulator of its own; disposed at the end of its block. */
export const onEmulator = async (
  emulated: EmulatorOptions = {},
  options: Omit<PictorOptions<Families>, "adapters"> = {},
  transport: BedrockOptions = { region: "us-west-2" },
) => {
  const emulator: BedrockEmulator = await createBedrockEmulator({ seed: 1, ...emulated })
  const pictor = createPictor({
    ...options,
    adapters: familiesOn(bedrock({ endpoint: emulator.url, credentials, ...transport })),
  })
  return {
    pictor,
    emulator,
    [Symbol.asyncDispose]: async () => {
      await pictor.close()
      await emulator.close()
    },
  }
}

/** No waiting between attempts, and dice that always fall the same. */
export const quick = { now: Date.now, random: () => 0.5, sleep: () => Promise.resolve() }
