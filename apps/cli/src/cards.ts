import type { ModelCard } from "@pictor/core"
import { providers } from "./providers.ts"

/** The cards of every provider. Nothing is connected. */
export const loadCards = async (): Promise<readonly ModelCard[]> => {
  const connection = { live: false, region: undefined, environment: {} }
  const adapters = await Promise.all(providers.map((each) => each.adapters(connection)))
  return adapters.flat().flatMap(({ models }) => models)
}
