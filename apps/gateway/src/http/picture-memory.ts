import { ImageError, type ImageOps } from "@pictor/core"
import { type Sniffed, sniff } from "@pictor/core/host"
import { calls } from "../request-context.ts"

/** Pictures that are decoded at a time in this process. */
const maxAtWork = 2
const bytesPerPixel = 4
const pollMs = 50

/** How long a picture waits for its memory and for its turn. */
const waitMs = 5_000

const busy = (): ImageError =>
  new ImageError({
    code: "rate_limited",
    message:
      "The gateway has no memory for the pixels of this picture now. Retry in 1 s, or send a smaller picture.",
    retryAfterMs: 1000,
  })

/** Gives turns in the order of requests. */
const createTurns = () => {
  const waiting = new Set<() => void>()
  let atWork = 0
  const next = (): void => {
    const [first] = waiting
    if (!first || atWork >= maxAtWork) return
    waiting.delete(first)
    atWork += 1
    first()
  }
  const take = (untilMs: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(begin)
        reject(busy())
      }, untilMs - performance.now())
      const begin = (): void => {
        clearTimeout(timer)
        resolve()
      }
      waiting.add(begin)
      next()
    })
  const end = (): void => {
    atWork -= 1
    next()
  }
  return { take, end }
}

const tooLarge = ({ width, height }: Pick<Sniffed, "width" | "height">, most: number): ImageError =>
  new ImageError({
    code: "invalid_request",
    message: `The picture has ${width}x${height} pixels, more than ${most.toLocaleString("en-US")}. Send a smaller picture.`,
  })

type Hold = (bytes: number) => (() => void) | undefined

/** Counts the bytes of the current request, when they fit. */
const holdWhenFree = async (hold: Hold, bytes: number, untilMs: number): Promise<() => void> => {
  for (;;) {
    const release = hold(bytes)
    if (release) return release
    if (performance.now() >= untilMs || calls.getStore()?.signal?.aborted) throw busy()
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

type Operation = (image: Uint8Array, ...rest: readonly unknown[]) => Promise<unknown>

/**
 * The same operations, two at a time, each with its pixels counted as held memory. The size is read
 * from the header, so that a small file which unpacks into many pixels is counted before it is
 * decoded. A picture waits for its memory; it throws `rate_limited` when it has waited 5 s.
 */
export const countPixels = ({ maxInputPixels, ...ops }: ImageOps): ImageOps => {
  const turns = createTurns()
  const counted =
    (operation: Operation): Operation =>
    async (image, ...rest) => {
      const untilMs = performance.now() + waitMs
      const size = sniff(image) ?? { width: 0, height: 0 }
      const pixels = size.width * size.height
      if (pixels > maxInputPixels) throw tooLarge(size, maxInputPixels)
      const hold: Hold = calls.getStore()?.holdBytes ?? (() => () => undefined)
      const release = await holdWhenFree(hold, pixels * bytesPerPixel, untilMs)
      try {
        await turns.take(untilMs)
        try {
          return await operation(image, ...rest)
        } finally {
          turns.end()
        }
      } finally {
        release()
      }
    }
  const operations = Object.fromEntries(
    Object.entries(ops).map(([name, operation]) => [name, counted(operation as Operation)]),
  ) as unknown as Omit<ImageOps, "maxInputPixels">
  return { maxInputPixels, ...operations }
}
