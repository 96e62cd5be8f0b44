import { bedrock } from "@pictor/bedrock"
import { createBedrockEmulator, type EmulatorOptions } from "@pictor/bedrock-emulator"
import type { Transport } from "@pictor/core/adapter"

/** An emulator inside this process. */
export interface Emulation {
  /** The real transport, called with keys that are none. */
  readonly transport: (region: string) => Transport
  readonly close: () => Promise<void>
}

const noKeys = { accessKeyId: "emulated", secretAccessKey: "emulated" }

/** Endpoint and keys are given explicitly, so that nothing in the environment can come before them. */
const emulatedTransport =
  (endpoint: string) =>
  (region: string): Transport =>
    bedrock({ region, endpoint, credentials: noKeys })

export const startEmulation = async (options: EmulatorOptions = {}): Promise<Emulation> => {
  const { url, close } = await createBedrockEmulator(options)
  return { transport: emulatedTransport(url), close }
}
