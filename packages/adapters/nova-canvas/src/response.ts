import { decodeImageList, type Outcome } from "@pictor/core/adapter"

/** `{ images, error?, maskImage? }`: with `error`, the images that are missing were filtered. */
export const decode = (reply: unknown, count: number): readonly Outcome[] =>
  decodeImageList(reply, count)
