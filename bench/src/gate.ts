/** `atMost`: subject ÷ baseline, of cost. `timesFaster`: baseline ÷ subject, of cost. */
export type Gate = { readonly atMost: number } | { readonly timesFaster: number }

export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

export const summarize = (values: readonly number[]): Summary => {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length / 2
  const median =
    ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}

/** How many times faster, or the share of the baseline's cost, as the gate compares. */
export const ratioOf = (subject: number, baseline: number, gate: Gate | undefined): number =>
  gate && "timesFaster" in gate ? baseline / subject : subject / baseline

/** NaN misses every gate. */
export const holds = (gate: Gate, ratio: number): boolean =>
  "atMost" in gate ? ratio <= gate.atMost : ratio >= gate.timesFaster

export const gateText = (gate: Gate): string =>
  "atMost" in gate ? `≤ ${gate.atMost}` : `≥ ${gate.timesFaster}× faster`
