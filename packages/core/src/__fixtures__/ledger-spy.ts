import type { Ledger, Reservation, Settlement } from "../contract/ledger.ts"

type Method = "reserve" | "sent" | "submitted" | "renew" | "settle" | "release" | "hold"

export interface LedgerSpy {
  readonly ledger: Ledger
  /** In order: `reserve 5`, `sent row-1`, `settle row-1`. */
  readonly entries: string[]
  readonly reservations: Reservation[]
  readonly settlements: Settlement[]
}

/** Records its calls. `fail` may throw instead of any method. */
export const ledgerSpy = (fail: (method: Method, id: string) => void = () => {}): LedgerSpy => {
  const entries: string[] = []
  const reservations: Reservation[] = []
  const settlements: Settlement[] = []
  let rows = 0
  const act =
    (method: Exclude<Method, "reserve" | "submitted">) =>
    async (id: string, settlement?: Settlement) => {
      entries.push(`${method} ${id}`)
      fail(method, id)
      if (settlement) settlements.push(settlement)
    }
  return {
    entries,
    reservations,
    settlements,
    ledger: {
      reserve: async (reservation) => {
        entries.push(`reserve ${reservation.rows.map(({ images }) => images).join("+")}`)
        fail("reserve", "")
        reservations.push(reservation)
        return { ids: reservation.rows.map(() => `row-${++rows}`) }
      },
      sent: act("sent"),
      submitted: async (id) => {
        entries.push(`submitted ${id}`)
        fail("submitted", id)
      },
      renew: act("renew"),
      settle: act("settle"),
      release: act("release"),
      hold: act("hold"),
      setBudget: async () => {},
      resolve: async () => {},
      unresolved: async () => [],
      spend: async () => [],
      close: async () => {
        entries.push("close")
      },
    },
  }
}
