import type { ModelCard } from "@pictor/core"
import { lifecycleOn } from "@pictor/core/host"
import type { DurableLedger } from "@pictor/ledger"
import { Hono } from "hono"
import { dayMs, iso } from "../keys/units.ts"
import { type AdminEnv, requireMaster } from "./access.ts"
import { tagTexts } from "./spend-rows.ts"

export interface DeprecationsOptions {
  readonly ledger: DurableLedger
  /** The cards of the models that the gateway serves. */
  readonly cards: readonly ModelCard[]
  readonly now: () => number
}

interface Users {
  readonly keys: Set<string>
  readonly tags: Set<string>
}

const windowMs = 30 * dayMs

/** The keys and tags of the calls of each model since a time. */
const usersOf = async (
  ledger: DurableLedger,
  models: ReadonlySet<string>,
  from: string,
): Promise<ReadonlyMap<string, Users>> => {
  const users = new Map<string, Users>()
  const used = await ledger.spend({ by: ["model"], from })
  if (!used.some(({ group }) => models.has(group["model"] ?? ""))) return users
  for await (const call of ledger.calls({ from })) {
    if (!models.has(call.model)) continue
    const { keys, tags } = users.get(call.model) ?? { keys: new Set(), tags: new Set() }
    users.set(call.model, { keys, tags })
    if (call.account.key !== undefined) keys.add(call.account.key)
    for (const tag of tagTexts(call)) tags.add(tag)
  }
  return users
}

/** Models that have ended, or whose end is announced, and who used them in the last 30 days. */
const deprecations = async ({ ledger, cards, now }: DeprecationsOptions) => {
  const time = now()
  const today = iso(time).slice(0, 10)
  const ending = cards.flatMap((card) => {
    const status = lifecycleOn(card, today)
    const isEnding = status === "legacy" || status === "retired"
    return isEnding || card.lifecycle.retiredFrom !== undefined ? [{ card, status }] : []
  })
  const users = await usersOf(
    ledger,
    new Set(ending.map(({ card }) => card.id)),
    iso(time - windowMs),
  )
  return ending.map(({ card: { id, lifecycle }, status }) => ({
    model: id,
    status,
    ends_on: lifecycle.retiredFrom ?? null,
    successor: lifecycle.successor ?? null,
    keys: [...(users.get(id)?.keys ?? [])].toSorted(),
    tags: [...(users.get(id)?.tags ?? [])].toSorted(),
  }))
}

/** `GET /model/deprecations` */
export const deprecationRoutes = (options: DeprecationsOptions): Hono<AdminEnv> => {
  const routes = new Hono<AdminEnv>()
  routes.get("/model/deprecations", requireMaster, async (context) =>
    context.json(await deprecations(options)),
  )
  return routes
}
