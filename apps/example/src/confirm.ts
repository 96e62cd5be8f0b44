import { type Cost, formatUsd } from "@pictor/core"
import type { Terminal } from "@pictor/terminal"

export interface Purchase {
  readonly count: number
  /** Who charges for it. */
  readonly vendors: readonly string[]
  /** The most that it can cost. */
  readonly bound: Cost
  /** `--yes` */
  readonly agreed: boolean
}

/** Up to this amount, a user at a terminal is told the bound and not asked. */
const askAboveMicroUsd = 500_000

/**
 * States what is ordered and what it costs at most, and asks where that is more than $0.50 or
 * unknown. Only `y`, `yes` or `--yes` is consent. Without a terminal, only `--yes` is.
 */
export const confirmPurchase = async (
  purchase: Purchase,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> => {
  const { count, vendors, bound } = purchase
  const order = `${count} picture${count === 1 ? "" : "s"} from ${vendors.join(", ")} for at most ${formatUsd(bound)}`
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
  if (bound.unpricedImages === 0 && bound.microUsd + bound.maybeMicroUsd <= askAboveMicroUsd) {
    terminal.note(`Ordering ${order}.\n\n`)
    return !signal.aborted
  }
  const answer = await terminal.ask(`Order ${order}? [y/N] `, signal)
  const agreed = /^y(es)?$/i.test(answer?.trim() ?? "") && !signal.aborted
  terminal.note(agreed ? "\n" : `${answer === undefined ? "\n" : ""}Nothing was ordered.\n`)
  return agreed
}
