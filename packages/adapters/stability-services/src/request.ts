import { type Draft, type Loose, toBody } from "@pictor/core"

/** The card says where everything stands; nothing is left to add. */
export const encode = (draft: Draft): Loose => toBody(draft)
