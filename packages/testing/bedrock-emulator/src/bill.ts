/** The tokens of one call, and the charge for them. */
export type BilledTokens = {
  readonly input: number
  readonly outputText: number
  readonly outputImage: number
  readonly microUsd: number
}

/** A call of a model that is charged by tokens. */
export type BillEntry = BilledTokens & {
  /** The model id of the path, percent-decoded. */
  readonly modelId: string
  readonly requestId: string
}
