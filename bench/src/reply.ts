import { drawPicture } from "./picture.ts"

/** Copies taken in turn: a reply that has just come is not in the processor's caches either. */
const copies = 8

/** Gives a reply that was not read for a while. */
export const replies = (): (() => Uint8Array<ArrayBuffer>) => {
  const { reply } = drawPicture()
  const all = Array.from({ length: copies }, () => Uint8Array.from(reply))
  let turn = 0
  return () => all[turn++ % copies] as Uint8Array<ArrayBuffer>
}

/** The first image of a parsed reply, as base64 or as what `lift` leaves of it. */
export const firstImage = (parsed: unknown): unknown =>
  (parsed as { readonly images: readonly unknown[] }).images[0]

/** Decodes the picture of a reply as most code does it. */
export const parseAndDecode = (reply: Uint8Array): Uint8Array =>
  Buffer.from(firstImage(JSON.parse(new TextDecoder().decode(reply))) as string, "base64")
