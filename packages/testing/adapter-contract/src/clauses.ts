import { abortClauses } from "./clauses/aborts.ts"
import { bodyClauses } from "./clauses/bodies.ts"
import { cardClauses } from "./clauses/cards.ts"
import { changeClauses } from "./clauses/changes.ts"
import { costClauses } from "./clauses/costs.ts"
import { decodingClauses } from "./clauses/decoding.ts"
import { errorClauses } from "./clauses/errors.ts"
import { filteringClauses } from "./clauses/filtering.ts"
import { imageLeakClauses } from "./clauses/image-leaks.ts"
import { imageClauses } from "./clauses/images.ts"
import { inputClauses } from "./clauses/inputs.ts"
import { liftingClauses } from "./clauses/lifting.ts"
import { maskClauses } from "./clauses/masks.ts"
import { rangeClauses } from "./clauses/ranges.ts"
import { secretClauses } from "./clauses/secrets.ts"
import { seedClauses } from "./clauses/seeds.ts"
import { splitClauses } from "./clauses/splits.ts"
import type { Clause } from "./contract.ts"
import { type ClauseId, sentences } from "./sentences.ts"

const runs: Readonly<Record<ClauseId, Clause>> = {
  ...cardClauses,
  ...bodyClauses,
  ...rangeClauses,
  ...changeClauses,
  ...splitClauses,
  ...seedClauses,
  ...imageClauses,
  ...filteringClauses,
  ...errorClauses,
  ...secretClauses,
  ...decodingClauses,
  ...costClauses,
  ...abortClauses,
  ...liftingClauses,
  ...inputClauses,
  ...maskClauses,
  ...imageLeakClauses,
}

/** Every clause as data, in the order of `sentences`. */
export const clauses = Object.entries(sentences).map(([id, sentence]) => ({
  id: id as ClauseId,
  sentence,
  run: runs[id as ClauseId],
}))
