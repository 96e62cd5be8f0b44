import type {
  Budget,
  Reservation,
  ReservationRow,
  RowState,
  Settlement,
  SpendRow,
  Window,
} from "../contract/ledger.ts"

interface ModelRow extends ReservationRow {
  readonly id: string
  readonly timeMs: number
  readonly account: Readonly<Record<string, string | undefined>>
  readonly tags: Readonly<Record<string, string>>
  readonly state: RowState
  readonly sent: boolean
  readonly leaseEndsMs: number
  readonly settlement?: Settlement | undefined
  readonly verdict?: string
}

type Action =
  | { readonly kind: "sent" | "renew" | "release" }
  | { readonly kind: "settle"; readonly settlement: Settlement }
  | { readonly kind: "hold"; readonly settlement?: Settlement | undefined }
  | { readonly kind: "resolve"; readonly verdict: "spent" | "unspent" }

const dayMs = 86_400_000

/** A slow model of a ledger: it stores every row and sums them for every question. */
export const ledgerModel = () => {
  let rows: readonly ModelRow[] = []
  let budgets: readonly Budget[] = []

  const replace = (next: ModelRow): void => {
    rows = rows.map((row) => (row.id === next.id ? next : row))
  }
  const sweep = (nowMs: number): void => {
    rows = rows.map((row) =>
      row.state === "reserved" && nowMs - row.leaseEndsMs >= 0
        ? { ...row, state: row.sent ? "lapsed" : "released" }
        : row,
    )
  }
  const usage = (
    budget: Budget,
    nowMs: number,
    unit: "microUsd" | "images",
    counted: readonly ModelRow[],
  ): number =>
    counted
      .filter((row) => inScope(budget, row) && inWindow(budget.window, row.timeMs, nowMs))
      .map((row) => (unit === "images" ? imagesOf(row) : moneyOf(row)))
      .reduce((sum, value) => sum + value, 0)

  return {
    setBudget: (budget: Budget): void => {
      const name = JSON.stringify([budget.scope, budget.window])
      budgets = [
        ...budgets.filter(({ scope, window }) => JSON.stringify([scope, window]) !== name),
        budget,
      ]
    },
    /** May it be reserved? */
    admits: ({ rows: asked, account = {}, tags = {} }: Reservation, nowMs: number): boolean => {
      sweep(nowMs)
      const drafts = asked.map((row) => newRow("", row, { ...account }, tags, nowMs))
      return budgets.every((budget) => {
        if (!drafts.some((row) => inScope(budget, row))) return true
        const blind = drafts.some((row) => inScope(budget, row) && row.cost.unpricedImages > 0)
        if (blind && budget.hard?.microUsd !== undefined && budget.allowUnknown !== true)
          return false
        return (["microUsd", "images"] as const).every(
          (unit) =>
            usage(budget, nowMs, unit, [...rows, ...drafts]) <= (budget.hard?.[unit] ?? Infinity),
        )
      })
    },
    reserve: (
      ids: readonly string[],
      { rows: asked, account = {}, tags = {} }: Reservation,
      nowMs: number,
    ): void => {
      rows = [
        ...rows,
        ...asked.map((row, index) => newRow(ids[index] ?? "", row, { ...account }, tags, nowMs)),
      ]
    },
    /** Performs the action if the row's state allows it. */
    act: (id: string, action: Action, nowMs: number): boolean => {
      sweep(nowMs)
      const row = rows.find((each) => each.id === id)
      const next = row && after(row, action, nowMs)
      if (next) replace(next)
      return next !== undefined
    },
    spend: (nowMs: number, groupOf: (row: ModelRow) => SpendRow["group"]): readonly SpendRow[] => {
      sweep(nowMs)
      const names = [...new Set(rows.map((row) => JSON.stringify(groupOf(row))))]
      return names.map((name) => ({
        group: JSON.parse(name),
        ...totals(rows.filter((row) => JSON.stringify(groupOf(row)) === name)),
      }))
    },
  }
}

const newRow = (
  id: string,
  row: ReservationRow,
  account: ModelRow["account"],
  tags: ModelRow["tags"],
  timeMs: number,
): ModelRow => ({
  ...row,
  id,
  timeMs,
  account,
  tags,
  state: "reserved",
  sent: false,
  leaseEndsMs: timeMs + 60_000,
})

const after = (row: ModelRow, action: Action, nowMs: number): ModelRow | undefined => {
  const open = row.state === "reserved" || row.state === "held" || row.state === "lapsed"
  const again = (state: RowState, settlement?: Settlement): boolean =>
    row.state === state && JSON.stringify(row.settlement) === JSON.stringify(settlement)
  switch (action.kind) {
    case "sent":
      return row.state === "reserved"
        ? { ...row, sent: true, leaseEndsMs: nowMs + 60_000 }
        : undefined
    case "renew":
      return { ...row, leaseEndsMs: nowMs + 60_000 }
    case "release":
      return again("released")
        ? row
        : open
          ? { ...row, state: "released", settlement: undefined }
          : undefined
    case "settle":
      return again("settled", action.settlement)
        ? row
        : open
          ? { ...row, state: "settled", settlement: action.settlement }
          : undefined
    case "hold":
      if (again("held", action.settlement)) return row
      return open && row.state !== "held"
        ? { ...row, state: "held", settlement: action.settlement }
        : undefined
    case "resolve":
      if (row.verdict === action.verdict) return row
      return open && row.state !== "reserved" ? resolved(row, action.verdict) : undefined
  }
}

const resolved = (row: ModelRow, verdict: "spent" | "unspent"): ModelRow => {
  const { microUsd, maybeMicroUsd, unpricedImages } = totals([row])
  if (verdict === "spent")
    return {
      ...row,
      verdict,
      state: "settled",
      settlement: {
        cost: {
          microUsd: microUsd + maybeMicroUsd,
          maybeMicroUsd: 0,
          unpricedImages,
        },
        delivered: imagesOf(row),
      },
    }
  const delivered = row.settlement?.delivered ?? 0
  if (delivered === 0 && microUsd === 0)
    return { ...row, verdict, state: "released", settlement: undefined }
  const cost = { microUsd, maybeMicroUsd: 0, unpricedImages: Math.min(unpricedImages, delivered) }
  return { ...row, verdict, state: "settled", settlement: { cost, delivered } }
}

const inScope = ({ scope }: Budget, { model, account, tags }: ModelRow): boolean => {
  if ("everything" in scope) return true
  if ("model" in scope) return scope.model === model
  if ("tag" in scope)
    return Object.entries(tags).some(
      ([name, value]) => scope.tag === name || scope.tag === `${name}=${value}`,
    )
  return Object.entries(scope).every(([name, value]) => account[name] === value)
}

const inWindow = (window: Window, timeMs: number, nowMs: number): boolean => {
  if (window === "total") return true
  if (typeof window === "object")
    return (
      Math.floor((timeMs * 60) / window.rollingMs) >
      Math.floor((nowMs * 60) / window.rollingMs) - 60
    )
  return windowOf(window, timeMs) === windowOf(window, nowMs)
}

const windowOf = (window: "day" | "week" | "month", timeMs: number): string => {
  const iso = new Date(timeMs).toISOString()
  if (window === "day") return iso.slice(0, 10)
  if (window === "month") return iso.slice(0, 7)
  return new Date(timeMs).getUTCDay() === 1 ? iso.slice(0, 10) : windowOf("week", timeMs - dayMs)
}

const moneyOf = (row: ModelRow): number => {
  if (row.state === "released") return 0
  const { microUsd, maybeMicroUsd } =
    row.state === "reserved" ? row.cost : (row.settlement?.cost ?? row.cost)
  return microUsd + maybeMicroUsd
}

const imagesOf = ({ state, images, settlement }: ModelRow): number => {
  if (state === "released") return 0
  if (state === "settled") return settlement?.delivered ?? 0
  return Math.max(images, settlement?.delivered ?? 0)
}

const totals = (rows: readonly ModelRow[]): Omit<SpendRow, "group"> => {
  const counted = rows.filter(({ state }) => state !== "reserved" && state !== "released")
  const add = (value: (row: ModelRow) => number): number =>
    counted.reduce((sum, row) => sum + value(row), 0)
  return {
    calls: rows.length,
    images: add(imagesOf),
    microUsd: add(({ settlement }) => settlement?.cost.microUsd ?? 0),
    maybeMicroUsd: add(({ settlement, cost }) =>
      settlement ? settlement.cost.maybeMicroUsd : cost.microUsd + cost.maybeMicroUsd,
    ),
    unpricedImages: add(({ settlement, cost }) => (settlement?.cost ?? cost).unpricedImages),
  }
}
