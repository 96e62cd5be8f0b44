import { type CallDraft, type JsonObject, toBody } from "@pictor/core/adapter"

/** The card says where everything stands; nothing is left to add. */
export const encode = (draft: CallDraft): JsonObject => toBody(draft)
