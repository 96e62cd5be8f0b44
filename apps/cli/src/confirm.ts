import { type Cost, formatUsd } from "@pictor/core"
import type { Cli } from "./cli.ts"
import { CommandError } from "./errors.ts"
import { exitCodes } from "./exit-codes.ts"

/** Dollars above which a live estimate is confirmed. */
export const usualConfirmAbove = 0.5

/** A price that is unknown is above every limit. */
export const needsConfirmation = (
  { microUsd, maybeMicroUsd, unpricedImages }: Cost,
  above: number,
): boolean => unpricedImages > 0 || microUsd + maybeMicroUsd > above * 1_000_000

/** Asks on the terminal. Only a yes is consent. */
export const ask = async (message: string, cli: Cli): Promise<boolean> => {
  const { confirm, isCancel } = await import("@clack/prompts")
  const { stdin: input, stderr: output, signal } = cli
  const answer = await confirm({ message, initialValue: false, input, output, signal })
  if (isCancel(answer))
    throw new CommandError("Nothing was ordered and nothing is charged.", exitCodes.interrupted)
  return answer
}

/** Asks before money is spent. Throws unless the order is agreed to. */
export const confirmOrder = async (
  {
    count,
    estimate,
    above,
  }: { readonly count: number; readonly estimate: Cost; readonly above: number },
  cli: Cli,
): Promise<void> => {
  const order = `${count} picture${count === 1 ? "" : "s"} for ${formatUsd(estimate)}`
  if (!cli.stdin.isTTY || !cli.stderr.isTTY)
    throw new CommandError(
      `Nothing was ordered: ${order} is above the limit of ${formatUsd({ microUsd: Math.round(above * 1_000_000), maybeMicroUsd: 0, unpricedImages: 0 })} or has no known price, and there is no terminal to ask on. Add --yes to order.`,
      exitCodes.unconfirmed,
    )
  if (!(await ask(`Order ${order}?`, cli)))
    throw new CommandError("Nothing was ordered and nothing is charged.", exitCodes.declined)
}
