/** Decoded pictures are large. */
const maxAtOnce = 2

let running = 0
const waiting: (() => void)[] = []

/** Runs the work once fewer than two others are running in this process. */
export const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  // Work that ends passes its place to the first in the queue, so that the order is kept.
  if (running >= maxAtOnce) await new Promise<void>((resolve) => waiting.push(resolve))
  else running++
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}
