/** Decoded pictures are large: this many are at work at a time in a process. */
const atATime = 2

let working = 0
const waiting: (() => void)[] = []

/** Runs the work once fewer than two others are at work. */
export const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  // Whoever ends hands its place on, so that nobody overtakes.
  if (working >= atATime) await new Promise<void>((resolve) => waiting.push(resolve))
  else working++
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else working--
  }
}
