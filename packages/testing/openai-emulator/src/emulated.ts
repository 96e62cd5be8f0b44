import { checkNames, shareEmulator } from "@pictor/emulator-kit"
import { createOpenAiEmulator } from "./emulator.ts"
import { type EmulatorOptions, optionNames } from "./options.ts"

/** Options of an HTTP client whose calls go to an emulator. */
export type EmulatedOpenAi = {
  readonly key: string
  /** Starts the emulator if it is not running, and returns its URL with `/v1`. */
  readonly baseUrl: () => Promise<string>
  /** Ends one use of the emulator, and closes it after the last one. */
  readonly onClose: () => Promise<void>
}

/**
 * The options of `http` for an emulator in this process. All clients with these options share one
 * emulator. The first call starts it, and it closes with the last client that used it.
 *
 * @example
 * const pictor = createPictor({ adapters: [openaiImages(http(emulated()))] })
 */
export const emulated = (options: EmulatorOptions = {}): EmulatedOpenAi => {
  checkNames("emulated", options, optionNames)
  const shared = shareEmulator(() => createOpenAiEmulator(options))
  return {
    key: options.apiKey ?? "emulated",
    baseUrl: async () => `${(await shared.use()).url}/v1`,
    onClose: shared.release,
  }
}
