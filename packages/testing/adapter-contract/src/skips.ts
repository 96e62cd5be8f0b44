import type { AdapterContract } from "./contract.ts"
import { sentences } from "./sentences.ts"

/** Mistakes in the list of skipped clauses. */
export const skipMistakes = ({ skip = {} }: Pick<AdapterContract, "skip">): readonly string[] =>
  Object.entries(skip).flatMap(([id, reason]: [string, unknown]) => {
    if (!Object.hasOwn(sentences, id)) return [`there is no clause ${id}`]
    return typeof reason === "string" && reason.trim() !== ""
      ? []
      : [`${id} is skipped without a reason`]
  })
