import { decodeFinishReasons, type Outcome } from "@pictor/core/adapter"

/** `{ seeds, finish_reasons, images }`; a filtered reply has the reasons alone. */
export const decode = (reply: unknown, count: number): readonly Outcome[] =>
  decodeFinishReasons(reply, count)
