import { drawPicture } from "./picture.ts"

/** Rotating copies: a reply from the network is not in the CPU caches either. */
const copies = 8

/** Returns a reply that is not in the caches. */
export const replies = (): (() => Uint8Array<ArrayBuffer>) => {
  const { reply } = drawPicture()
  const all = Array.from({ length: copies }, () => Uint8Array.from(reply))
  let turn = 0
  return () => all[turn++ % copies] as Uint8Array<ArrayBuffer>
}

/** The first image of a parsed or lifted reply. */
export const firstImage = (parsed: unknown): unknown =>
  (parsed as { readonly images: readonly unknown[] }).images[0]

/** The usual way to decode the image of a reply. */
export const parseAndDecode = (reply: Uint8Array): Uint8Array =>
  Buffer.from(firstImage(JSON.parse(new TextDecoder().decode(reply))) as string, "base64")
