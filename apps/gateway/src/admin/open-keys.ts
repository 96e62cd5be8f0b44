import type { Middleware, ModelCard } from "@pictor/core"
import { defined } from "@pictor/core/host"
import type { DurableLedger, OpenDatabase } from "@pictor/ledger"
import { Hono } from "hono"
import { createAuthenticate, createKeyCache } from "../auth/authenticate.ts"
import { ledgerTags } from "../auth/tags.ts"
import { type ConfiguredBudget, configureBudget } from "../keys/budgets.ts"
import type { KeyRules } from "../keys/key-rules.ts"
import { createComparison, type MasterKeys, openKeyHash } from "../keys/key-secret.ts"
import { keyIdOf, type OperationDependencies, readKey } from "../keys/operations.ts"
import { findKeyBySecret } from "../keys/repository.ts"
import { checkWrites, openStore } from "../keys/tables.ts"
import { createCounter, renewMs } from "../rate-limits/counter.ts"
import { rateLimits } from "../rate-limits/limits.ts"
import type { Caller } from "../types.ts"
import { identify, toErrorResponse } from "./access.ts"
import { budgetRoutes } from "./budget-routes.ts"
import { deprecationRoutes } from "./deprecation-routes.ts"
import { keyRoutes } from "./key-routes.ts"
import { type KnownModels, totalState } from "./responses.ts"
import { spendRoutes } from "./spend-routes.ts"

export interface KeysOptions extends Partial<MasterKeys> {
  readonly database: OpenDatabase
  readonly ledger: DurableLedger
  /** The budget of the whole gateway. */
  readonly budget?: ConfiguredBudget
  /** Budgets of tags count what clients write too. Default false. */
  readonly clientTagsSpend?: boolean
  /** What new keys get, and the most that any key may get. */
  readonly rules?: KeyRules
  /** Default: every model name is accepted. */
  readonly models?: KnownModels
  /** The cards of the models that the gateway serves. Default: none. */
  readonly cards?: readonly ModelCard[]
  /** Milliseconds since 1970. Processes agree to within a few seconds. Default `Date.now`. */
  readonly now?: () => number
  /**
   * Milliseconds of a clock that is never set back: it must not keep a blocked key alive. Default
   * `performance.now`.
   */
  readonly elapsed?: () => number
}

/** Authentication, budgets and rate limits of a gateway, and the routes that administer them. */
export interface Keys {
  /** Throws `unauthenticated`. */
  authenticate(bearer: string | undefined): Promise<Caller>
  /**
   * `/key/*`, `/budget/*`, `/spend/*`, `/model/*` and `/global/spend/report`; mount them at `/`.
   */
  readonly routes: Hono
  /** Applies the limits of keys and deployments. It reads the current request from `calls`. */
  readonly limits: Middleware
  /** Tags requests for the ledger and its budgets. Place it inside the router. */
  readonly ledgerTags: Middleware
  /** Rejects if the database does not answer or takes no writes. */
  ready(): Promise<void>
  /** The key's spending in the window of its budget, in micro-USD. */
  spentBy(keyId: string): Promise<number>
  /** Close it before the database. */
  close(): Promise<void>
}

/**
 * Opens the keys in the database of the ledger. Without `masterKey` every caller is accepted and
 * there are no keys. Throws `invalid_request` if the keys belong to another master key.
 */
export const openKeys = async (options: KeysOptions): Promise<Keys> => {
  const { database, ledger, masterKey, previousMasterKey, models, now = Date.now } = options
  const { elapsed = () => performance.now(), rules = {} } = options
  const groupOf = models?.groupOf ?? ((name: string) => name)
  const store = await openStore(database)
  const hash = await openKeyHash(
    store,
    masterKey === undefined ? undefined : defined({ masterKey, previousMasterKey }),
  )
  await configureBudget({ store, ledger }, options.budget)
  const cache = createKeyCache((value) => store.read((db) => findKeyBySecret(db, value)), elapsed)
  const isMaster = masterKey === undefined ? undefined : createComparison(masterKey)
  const authenticate = createAuthenticate(isMaster && { isMaster, hash, cache, now })
  const forget = cache.clear
  const dependencies: OperationDependencies = { store, ledger, hash, now, groupOf, forget, rules }
  const counter = createCounter(store, now)
  const renewal = setInterval(() => void counter.renew().catch(() => {}), renewMs)
  renewal.unref()

  const routes = new Hono()
  routes.onError(toErrorResponse)
  for (const path of ["/key/*", "/budget/*", "/spend/*", "/global/spend/*", "/model/*"])
    routes.use(path, identify(authenticate))
  routes.route("/key", keyRoutes({ ...dependencies, isMaster: isMaster ?? (() => false), models }))
  routes.route("/budget", budgetRoutes(dependencies, models))
  routes.route("/", spendRoutes({ ledger, keyIdOf: (name) => keyIdOf(dependencies, name) }))
  routes.route("/", deprecationRoutes({ ledger, cards: options.cards ?? [], now }))

  return {
    authenticate,
    routes,
    limits: rateLimits(counter, now, groupOf),
    ledgerTags: ledgerTags({ groupOf, clientTagsSpend: options.clientTagsSpend ?? false }),
    ready: () => checkWrites(store),
    spentBy: async (keyId) => {
      const key = await readKey(dependencies, keyId)
      const state = key && (await totalState(ledger, key))
      return state?.cost.microUsd ?? 0
    },
    close: async () => {
      clearInterval(renewal)
      await counter.close()
    },
  }
}
