import { bedrock } from "@pictor/bedrock"
import { type EmulatorOptions, emulated } from "@pictor/bedrock-emulator"
import type { Transport } from "@pictor/core/adapter"

/**
 * The real transport to an emulator inside this process. The first call starts the emulator, and
 * the last client closes it. Endpoint and keys are options, so no setting of the environment can
 * replace them.
 */
export const emulate = (options: EmulatorOptions = {}): ((region: string) => Transport) => {
  const emulator = emulated(options)
  return (region) => bedrock({ ...emulator, region })
}
