/** US dollars as whole micro-USD; undefined where they are negative, finer than that, or more than a number holds exactly. */
export const toMicroUsd = (usd: number): number | undefined => {
  const text = usd.toFixed(6)
  const microUsd = Number(text.replace(".", ""))
  return usd >= 0 && Number(text) === usd && Number.isSafeInteger(microUsd) ? microUsd : undefined
}

export const toUsd = (microUsd: number): number => microUsd / 1_000_000

/** None is null, as JSON has it. */
export const optionalUsd = (microUsd: number | undefined): number | null =>
  microUsd === undefined ? null : toUsd(microUsd)
