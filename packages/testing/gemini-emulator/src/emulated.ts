import { checkNames, shareEmulator } from "@pictor/emulator-kit"
import { createGeminiEmulator, type GeminiEmulatorOptions, optionNames } from "./emulator.ts"
import type { Api } from "./schema.ts"

export type EmulatedGeminiOptions = GeminiEmulatorOptions & {
  /** Which of Google's APIs the client calls. Default `gemini`. */
  readonly api?: Api
}

/** Options of an HTTP client whose calls go to an emulator. */
export type EmulatedGemini = {
  readonly key: string
  readonly auth: { readonly header: string; readonly prefix?: string }
  /** Starts the emulator if it is not running, and returns the address of the API. */
  readonly baseUrl: () => Promise<string>
  /** Ends one use of the emulator, and closes it after the last one. */
  readonly onClose: () => Promise<void>
}

const apis = {
  gemini: { path: "/v1beta", auth: { header: "x-goog-api-key" } },
  vertex: {
    path: "/v1/projects/emulated/locations/global/publishers/google",
    auth: { header: "authorization", prefix: "Bearer " },
  },
} as const satisfies Record<Api, unknown>

/**
 * The options of `http` for an emulator in this process. All clients with these options share one
 * emulator. The first call starts it, and it closes with the last client that used it.
 *
 * @example
 * const pictor = createPictor({ adapters: [geminiImage(http(emulated()))] })
 */
export const emulated = ({
  api = "gemini",
  ...options
}: EmulatedGeminiOptions = {}): EmulatedGemini => {
  checkNames("emulated", options, optionNames)
  if (!Object.hasOwn(apis, api))
    throw new RangeError(`emulated: api must be one of ${Object.keys(apis).join(", ")}`)
  const shared = shareEmulator(() => createGeminiEmulator(options))
  const { path, auth } = apis[api]
  return {
    key: "emulated",
    auth,
    baseUrl: async () => `${(await shared.use()).url}${path}`,
    onClose: shared.release,
  }
}
