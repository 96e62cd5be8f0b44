export const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength)

/** One character per byte; a shorter text where the file ends before. */
export const textAt = (view: DataView, at: number, length: number): string => {
  let text = ""
  for (let index = at; index < Math.min(at + length, view.byteLength); index++)
    text += String.fromCharCode(view.getUint8(index))
  return text
}

/** The chunks of a PNG. https://www.w3.org/TR/png-3/#5Chunk-layout, seen 2026-11-20. */
export function* chunksOfPng(
  view: DataView,
): Generator<{ readonly name: string; readonly start: number; readonly length: number }, void> {
  for (let at = 8; at + 8 <= view.byteLength; at += 12 + view.getUint32(at))
    yield { name: textAt(view, at + 4, 4), start: at + 8, length: view.getUint32(at) }
}

/** A segment of a JPEG's head. */
export interface JpegSegment {
  readonly marker: number
  /** Where its content starts, after its length. */
  readonly start: number
  /** Of its content. */
  readonly length: number
  /** SOF0 to SOF15 except DHT, JPG and DAC. */
  readonly isFrame: boolean
}

/**
 * The segments before the pixels, whose first nine bytes are present.
 * https://www.w3.org/Graphics/JPEG/itu-t81.pdf (annex B), seen 2026-11-20.
 */
export function* segmentsOfJpeg(view: DataView): Generator<JpegSegment, void> {
  if (view.byteLength < 2 || view.getUint16(0) !== 0xffd8) return
  for (let at = 2; at + 9 <= view.byteLength; ) {
    const marker = view.getUint8(at + 1)
    if (view.getUint8(at) !== 0xff || marker === 0xd9 || marker === 0xda) return
    // 0xff before a marker is a fill byte; 0x01 and 0xd0 to 0xd8 stand alone.
    if (marker === 0xff) at += 1
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else {
      const length = view.getUint16(at + 2)
      yield { marker, start: at + 4, length: length - 2, isFrame: isFrame(marker) }
      at += 2 + length
    }
  }
}

const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
