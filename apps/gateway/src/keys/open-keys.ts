import type { Middleware } from "@pictor/core"
import type { DurableLedger, OpenDatabase } from "@pictor/ledger"
import { Hono } from "hono"
import { identify } from "../admin/access.ts"
import { budgetRoutes } from "../admin/budget-routes.ts"
import { problem } from "../admin/errors.ts"
import { type KeyRoutesOptions, keyRoutes } from "../admin/key-routes.ts"
import { spendRoutes } from "../admin/spend-routes.ts"
import { createAuthenticate, createKeyCache, type KeyCache } from "../auth/authenticate.ts"
import { createCounts, renewMs } from "../rate-limits/counter.ts"
import { limitsOf } from "../rate-limits/limits.ts"
import type { Caller } from "../types.ts"
import { type ConfiguredBudget, configureBudget } from "./budget-writer.ts"
import { hashWith, type MasterKeys, openSecret, sameAs } from "./key-secret.ts"
import { type KeyParts, keyReader } from "./key-service.ts"
import { type KnownModels, unknownModels } from "./known-models.ts"
import { modelBudgets } from "./model-budgets.ts"
import { findBearer } from "./repository.ts"
import { openStore, type Store } from "./tables.ts"

export interface KeysOptions extends Partial<MasterKeys> {
  readonly database: OpenDatabase
  readonly ledger: DurableLedger
  /** Of the whole gateway. */
  readonly budget?: ConfiguredBudget
  /** Default: a model of any name. */
  readonly models?: KnownModels
  /** Milliseconds since 1970. Processes on one database agree on it to a few seconds. Default `Date.now`. */
  readonly now?: () => number
}

/** Who may use the gateway, how much of it, and what they spent. */
export interface Keys {
  /** Who brings this key; undefined: none was sent. Throws `unauthenticated`. */
  authenticate(bearer: string | undefined): Promise<Caller>
  /** `/key/*`, `/budget/*`, `/spend/*` and `/global/spend/report`; to be mounted at `/`. */
  readonly routes: Hono
  /** Of keys and deployments, shared by all processes on the database; reads the request under way from `calls`. */
  readonly limits: Middleware
  /** Holds requests to the budgets that keys have for models; belongs inside the router. */
  readonly modelBudgets: Middleware
  /** In micro-USD, in the window of its budget. */
  spentBy(keyId: string): Promise<number>
  /** Before the database is closed. */
  close(): Promise<void>
}

/** Without a master key there are no keys, and what is hashed is of no use to anyone. */
const openHash = async (store: Store, { masterKey, previousMasterKey }: Partial<MasterKeys>) =>
  masterKey === undefined
    ? hashWith(Buffer.alloc(0))
    : hashWith(
        await openSecret(store, {
          masterKey,
          ...(previousMasterKey !== undefined && { previousMasterKey }),
        }),
      )

const routesOf = (
  parts: KeyParts,
  authenticate: Keys["authenticate"],
  { masterKey, models }: Pick<KeysOptions, "masterKey" | "models">,
): Hono => {
  const keyOptions: KeyRoutesOptions = {
    isMaster: masterKey === undefined ? () => false : sameAs(masterKey),
    doubts: (key) => (models ? unknownModels(key, models) : []),
  }
  const routes = new Hono()
  routes.onError(problem)
  for (const path of ["/key/*", "/budget/*", "/spend/*", "/global/spend/*"])
    routes.use(path, identify(authenticate))
  return routes
    .route("/key", keyRoutes(parts, keyOptions))
    .route("/budget", budgetRoutes(parts, models))
    .route("/", spendRoutes(parts.ledger, keyReader(parts).idOf))
}

/**
 * Opens the keys of a gateway in a database that holds its ledger too. Without `masterKey` everybody is let in, and there are no keys. Throws
 * `invalid_request` where the keys in the database were made under another master key.
 */
export const openKeys = async (options: KeysOptions): Promise<Keys> => {
  const { database, ledger, masterKey, models, now = Date.now } = options
  const store = await openStore(database)
  const hash = await openHash(store, options)
  await configureBudget({ store, ledger, now }, options.budget)
  const cache: KeyCache = createKeyCache((value) => store.read((db) => findBearer(db, value)), now)
  const authenticate = createAuthenticate(
    masterKey === undefined ? undefined : { masterKey, hash, cache, now },
  )
  const parts: KeyParts = {
    store,
    ledger,
    hash,
    now,
    groupOf: models?.groupOf ?? ((name) => name),
    forget: cache.clear,
  }
  const counts = createCounts(store, now)
  const renewal = setInterval(() => void counts.renew().catch(() => {}), renewMs)
  renewal.unref()
  return {
    authenticate,
    routes: routesOf(parts, authenticate, options),
    limits: limitsOf(counts, now, models?.groupOf),
    modelBudgets: modelBudgets(models?.groupOf),
    spentBy: keyReader(parts).spentBy,
    close: async () => {
      clearInterval(renewal)
      await counts.close()
    },
  }
}
