import type { AdapterContract } from "./contract.ts"
import { sentences } from "./sentences.ts"

/** What is wrong with the list of skipped clauses, each as a sentence. */
export const skipMistakes = ({ skip = {} }: Pick<AdapterContract, "skip">): readonly string[] =>
  Object.entries(skip).flatMap(([id, reason]: [string, unknown]) => {
    if (!Object.hasOwn(sentences, id)) return [`there is no clause ${id}`]
    return typeof reason === "string" && reason.trim() !== ""
      ? []
      : [`${id} is skipped without a reason`]
  })
