import type { ClauseId } from "../sentences.ts"
import type { Mini } from "./mini.ts"

/** An adapter with one mistake, and the clause that it breaks. */
export interface Broken {
  readonly clause: ClauseId
  readonly mistake: string
  /** Created for each client, for mistakes with state. */
  readonly parts: () => Mini
}
