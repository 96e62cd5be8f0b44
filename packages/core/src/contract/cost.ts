/** Money in whole micro-USD. What is unknown is counted in images, never as 0. */
export interface Cost {
  readonly microUsd: number
  /** Sent without a verdict: charged or not. */
  readonly maybeMicroUsd: number
  /** Images charged, or maybe charged, at a price that nobody knows. */
  readonly unpricedImages: number
}
