import { checkNames, shareEmulator } from "@pictor/emulator-kit"
import { createBedrockEmulator, type EmulatorOptions, emulatorOptions } from "./emulator.ts"

/** Options of a Bedrock client whose calls go to an emulator. */
export type EmulatedBedrock = {
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Starts the emulator if it is not running, and returns its URL. */
  readonly endpoint: () => Promise<string>
  /** Ends one use of the emulator, and closes it after the last one. */
  readonly onClose: () => Promise<void>
}

/**
 * The options of `bedrock` for an emulator in this process. All clients with these options share
 * one emulator. The first call starts it, and it closes with the last client that used it.
 *
 * @example
 * const pictor = createPictor({ adapters: [sd3(bedrock(emulated()))] })
 */
export const emulated = (options: EmulatorOptions = {}): EmulatedBedrock => {
  checkNames("emulated", options, emulatorOptions)
  const shared = shareEmulator(() => createBedrockEmulator(options))
  return {
    // All models are available there.
    region: "us-west-2",
    credentials: { accessKeyId: "emulated", secretAccessKey: "emulated" },
    endpoint: async () => (await shared.use()).url,
    onClose: shared.release,
  }
}
