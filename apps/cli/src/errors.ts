import { type ErrorCode, formatUsd, type ImageError } from "@pictor/core"
import { type ExitCode, exitCodes } from "./exit-codes.ts"

/** Ends the command with a message and an exit code. */
export class CommandError extends Error {
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = exitCodes.usage) {
    super(message)
    this.name = "CommandError"
    this.exitCode = exitCode
  }
}

const codes: Partial<Record<ErrorCode, ExitCode>> = {
  invalid_request: exitCodes.usage,
  unsupported: exitCodes.usage,
  model_not_found: exitCodes.usage,
  model_retired: exitCodes.usage,
  misconfigured: exitCodes.usage,
  unauthenticated: exitCodes.unauthenticated,
  forbidden: exitCodes.unauthenticated,
  budget_exceeded: exitCodes.overBudget,
  content_filtered: exitCodes.filtered,
  aborted: exitCodes.interrupted,
}

export const exitCodeOf = ({ code }: Pick<ImageError, "code">): ExitCode =>
  codes[code] ?? exitCodes.failed

/** What an error says about money: only calls that were made can cost something. */
export const chargeText = ({ cost, slots }: Pick<ImageError, "cost" | "slots">): string =>
  cost && slots && (cost.microUsd > 0 || cost.maybeMicroUsd > 0 || cost.unpricedImages > 0)
    ? `Charged: ${formatUsd(cost)}.`
    : "Nothing is charged."

/** A transport names its own option, where this program has a flag. */
export const messageOf = ({ message }: Pick<ImageError, "message">): string =>
  message.includes("bedrock({ region }") ? `${message}. Here that is --region NAME.` : message
