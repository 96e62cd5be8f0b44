import { type Cost, formatUsd } from "@pictor/core"
import type { Terminal } from "@pictor/terminal"

export interface Purchase {
  readonly count: number
  readonly estimate: Cost
  /** `--yes` */
  readonly agreed: boolean
}

/** Asks before anything is ordered on AWS. Only `y`, `yes` or `--yes` is consent. */
export const confirmPurchase = async (
  purchase: Purchase,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> => {
  const order = `${purchase.count} picture${purchase.count === 1 ? "" : "s"} on AWS for ${formatUsd(purchase.estimate)}`
  if (purchase.agreed) {
    terminal.note(`Ordering ${order}; --yes was given.\n\n`)
    return true
  }
  if (!terminal.ask) {
    terminal.note(
      `Nothing was ordered: there is no terminal to ask on. Add --yes to order ${order}.\n`,
    )
    return false
  }
  const answer = await terminal.ask(`Order ${order}? [y/N] `, signal)
  const agreed = /^y(es)?$/i.test(answer?.trim() ?? "") && !signal.aborted
  terminal.note(agreed ? "\n" : `${answer === undefined ? "\n" : ""}Nothing was ordered.\n`)
  return agreed
}
