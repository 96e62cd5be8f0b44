import { checkNames, shareEmulator } from "@pictor/emulator-kit"
import { createFluxEmulator, type FluxEmulatorOptions, optionNames } from "./emulator.ts"

/** Options of an HTTP client whose calls go to an emulator. */
export type EmulatedFlux = {
  readonly key: string
  /** Starts the emulator if it is not running, and returns the address of the API. */
  readonly baseUrl: () => Promise<string>
  /** Ends one use of the emulator, and closes it after the last one. */
  readonly onClose: () => Promise<void>
}

/**
 * The options of `http` for an emulator in this process. All clients with these options share one
 * emulator. The first call starts it, and it closes with the last client that used it. Results are
 * on another port of the same host.
 *
 * @example
 * const pictor = createPictor({ adapters: [flux(http(emulated()))] })
 */
export const emulated = (options: FluxEmulatorOptions = {}): EmulatedFlux => {
  checkNames("emulated", options, optionNames)
  const shared = shareEmulator(() => createFluxEmulator(options))
  return {
    key: options.keys?.[0] ?? "emulated",
    baseUrl: async () => `${(await shared.use()).url}/v1`,
    onClose: shared.release,
  }
}
