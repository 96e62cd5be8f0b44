import { randomUUID } from "node:crypto"
import { setMaxListeners } from "node:events"
import { bedrock } from "@pictor/bedrock"
import { createPictor, ImageError, type ImageStore, type Pictor } from "@pictor/core"
import core from "@pictor/core/package.json" with { type: "json" }
import { sharpImages } from "@pictor/images"
import { openDatabase, openLedger } from "@pictor/ledger"
import { openaiHttp } from "@pictor/openai-http"
import type { DestinationStream, Logger } from "pino"
import { isLoopback } from "./auth/local-only.ts"
import { type DeploymentOptions, deploymentsOf } from "./config/deployments.ts"
import { withoutRegion } from "./config/regions.ts"
import type { GatewayConfig } from "./config/types.ts"
import { createAdmission } from "./http/admission.ts"
import { drain } from "./http/drain.ts"
import { createFetchImage } from "./http/fetch-image.ts"
import { createHealth } from "./http/health.ts"
import { createSpend } from "./http/key-spend.ts"
import { listen } from "./http/listen.ts"
import { createListener } from "./http/listener.ts"
import { heldReplies } from "./http/response-memory.ts"
import { defaultSettings, type ServerSettings } from "./http/settings.ts"
import { openImageFolder } from "./image-store/image-folder.ts"
import { aliases } from "./keys/aliases.ts"
import { openKeys } from "./keys/open-keys.ts"
import { type Closing, createClosing } from "./lib/closer.ts"
import { defined } from "./lib/object.ts"
import { countedLedger } from "./observability/instrumented-ledger.ts"
import { createLog, reasonOf, traceOf, written } from "./observability/log.ts"
import { createMetrics } from "./observability/metrics.ts"
import { providerTime } from "./observability/provider-time.ts"
import { openTracing } from "./observability/tracing.ts"
import { calls } from "./request-context.ts"
import { createRouter } from "./routing/router.ts"
import { openPlace, type Place } from "./startup.ts"

export interface GatewayOptions {
  /** Without one every model is on an emulator in this process. */
  readonly config?: GatewayConfig
  /** Said in the log, as the configuration's reader says it. */
  readonly warnings?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** What the places of a configuration are relative to. Default: the folder of the process. */
  readonly folder?: string
  readonly settings?: Partial<ServerSettings>
  /** Where the log goes. Default: standard output. */
  readonly log?: DestinationStream
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** 0 ≤ random < 1. */
  readonly random?: () => number
  /** The way to Bedrock. */
  readonly transport?: DeploymentOptions["transport"]
  /** How long what needs the database waits for one that is away or busy, before it fails. Default: as the ledger does. */
  readonly databaseWaitMs?: number
}

export interface Gateway {
  readonly url: string
  /** What whoever starts it ought to know. */
  readonly notes: readonly string[]
  /** Serves what is under way, takes nothing new, and closes everything. */
  close(): Promise<void>
}

const hourMs = 3_600_000

const { timeOrigin } = performance

/** For how long things take; what is kept gets `now`, in whole milliseconds. */
const clock = (): number => timeOrigin + performance.now()

const settingsOf = (
  { general, server = {} }: GatewayConfig,
  given: Partial<ServerSettings> = {},
): ServerSettings => {
  const {
    maxParallelRequests: maxRequests,
    maxRequestBytes: bodyBytes,
    requestTimeoutMs: requestMs,
  } = general
  const { maxBytes, receiveMs, sendMs, drainMs, trustProxy } = server
  const fromFile = defined({
    requestMs,
    maxRequests,
    bodyBytes,
    maxBytes,
    receiveMs,
    sendMs,
    drainMs,
    trustProxy,
  })
  const settings = { ...defaultSettings, ...fromFile, ...given }
  if (general.masterKey !== undefined || isLoopback(settings.host)) return settings
  throw new ImageError({
    code: "invalid_request",
    message: `Without general_settings.master_key the gateway listens on 127.0.0.1 only, not on ${settings.host}: whoever reaches it could spend money.`,
  })
}

/** The parts that a request meets, opened in this order. */
const openParts = async (
  place: Place,
  settings: ServerSettings,
  options: GatewayOptions,
  log: Logger,
  closing: Closing,
) => {
  const { env = process.env, now = Date.now, random = Math.random, transport = bedrock } = options
  const { config } = place
  const { masterKey, previousMasterKey, budget } = config.general
  const admission = createAdmission(settings)
  const metrics = createMetrics(admission, clock)
  const tracingOptions = {
    version: core.version,
    operation: config.server?.traceOperation ?? "generate_content",
  }
  const tracing = closing.add(await openTracing(env, tracingOptions), (opened) => opened?.close())
  const waiting = defined({ waitMs: options.databaseWaitMs })
  const database = closing.add(await openDatabase(place.databaseUrl, waiting), (opened) =>
    opened.close(),
  )
  const failed = (operation: string, thrown: unknown): void => {
    metrics.ledgerFailed(operation, thrown)
    log.error({ operation, ...reasonOf(thrown) }, "the ledger failed")
  }
  const ledger = closing.add(countedLedger(await openLedger(database, waiting), failed), (opened) =>
    opened.close(),
  )
  const masterKeys = {
    ...(masterKey !== undefined && { masterKey }),
    ...(previousMasterKey !== undefined && { previousMasterKey }),
  }
  const deployments = deploymentsOf(config, { transport })
  const router = createRouter(deployments, config.router, { now, random })
  const models = {
    names: [...new Set(deployments.map(({ group }) => group))],
    ids: [...new Set(deployments.map(({ model }) => model))],
    groupOf: router.groupOf,
  }
  const keysOptions = { database, ledger, now, models, ...masterKeys, ...(budget && { budget }) }
  const keys = closing.add(await openKeys(keysOptions), (opened) => opened.close())
  return { admission, metrics, tracing, ledger, keys, deployments, router, now }
}

type Parts = Awaited<ReturnType<typeof openParts>>

const openFiles = async (
  { now }: Parts,
  { imageFolder, config }: Place,
  log: Logger,
  closing: Closing,
) => {
  const {
    publicUrl,
    imageLinkMs: linkMs = hourMs,
    imageKeepMs: keepMs = 24 * hourMs,
  } = config.server ?? {}
  const base = (): string => `${publicUrl ?? calls.getStore()?.origin ?? ""}/files`
  const files = await openImageFolder({ folder: imageFolder, base, linkMs, keepMs, now })
  const clean = (): void => {
    files
      .clean()
      .catch((error: unknown) => log.error(traceOf(error), "old images could not be deleted"))
  }
  closing.add(setInterval(clean, 60_000).unref(), clearInterval)
  return files
}

const openClient = (parts: Parts, store: ImageStore) => {
  const { deployments, router, ledger, keys, metrics, tracing, now } = parts
  const middleware = [
    aliases,
    keys.limits,
    router.middleware,
    keys.modelBudgets,
    providerTime(clock),
    metrics.middleware,
    heldReplies,
    ...(tracing ? [tracing.middleware] : []),
  ]
  const images = sharpImages()
  const adapters = deployments.map(({ adapter }) => adapter)
  const prices = deployments.flatMap((deployment) => deployment.prices)
  const pictor = createPictor({
    adapters,
    ledger,
    imageOps: images,
    imageStore: store,
    middleware,
    prices,
    retry: router.retry,
    runtime: { now },
  })
  return { pictor, images }
}

const openHealth = ({ deployments, keys, now }: Parts, pictor: Pictor) =>
  createHealth({
    deployments,
    lifecycle: ({ address }) => pictor.model(address).lifecycle,
    // Any question will do: who has the key that nobody has?
    database: async () => void (await keys.spentBy("none")),
    now,
  })

/** What the server is told, and does, when it is to end. */
const createEnd = () => {
  const cut = new AbortController()
  // Each request under way listens.
  setMaxListeners(0, cut.signal)
  let draining = false
  return {
    cut: () => cut.abort(),
    cutOff: cut.signal,
    begin: () => {
      draining = true
    },
    draining: () => draining,
  }
}

const once = (work: () => Promise<void>): (() => Promise<void>) => {
  let done: Promise<void> | undefined
  return () => {
    done ??= work()
    return done
  }
}

/** Serves until it is closed. */
const serve = async (
  place: Place,
  settings: ServerSettings,
  options: GatewayOptions,
  closing: Closing,
): Promise<Gateway> => {
  const { env = process.env, warnings = [] } = options
  const log = createLog({ level: env["LOG_LEVEL"], to: options.log })
  const parts = await openParts(place, settings, options, log, closing)
  const { admission, metrics, tracing, keys, router, now } = parts
  const files = await openFiles(parts, place, log, closing)
  const { pictor, images } = openClient(parts, files)
  closing.add(pictor, (opened) => opened.close())
  const { imageHosts: hosts } = place.config.server ?? {}
  const fetching = hosts && {
    fetchImage: createFetchImage({
      hosts,
      maxBytes: settings.bodyBytes,
      timeoutMs: settings.receiveMs,
    }),
  }
  const bridge = openaiHttp({
    pictor,
    imageStore: files,
    imageOps: images,
    models: router.models,
    limits: { bodyBytes: settings.bodyBytes },
    now,
    ...fetching,
  })
  const health = openHealth(parts, pictor)
  const spend = createSpend(keys.spentBy, now)
  const { authenticate, routes } = keys
  const { begin, cut, cutOff, draining } = createEnd()
  const own = {
    settings,
    version: core.version,
    now: clock,
    randomId: randomUUID,
    cutOff,
    draining,
  }
  const listening = await listen(
    createListener({
      ...own,
      bridge,
      authenticate,
      routes,
      spend,
      admission,
      health,
      files,
      metrics,
      tracing,
      log,
    }),
    settings,
  )
  const notes = [...place.notes, ...warnings, ...(await withoutRegion(parts.deployments))]
  for (const note of notes) log.warn(note)
  log.info({ url: listening.url, deployments: parts.deployments.length }, "listening")
  const close = once(async () => {
    begin()
    await drain({ listening, admission, drainMs: settings.drainMs, cut })
    await closing.close()
    log.info("closed")
    await written(log)
  })
  return { url: listening.url, notes, close }
}

/**
 * Starts a gateway. Throws an `ImageError` that says what to do where it cannot be: a database that does not answer, an address that is taken, a host that
 * others reach without a master key.
 */
export const startGateway = async (options: GatewayOptions = {}): Promise<Gateway> => {
  const closing = createClosing()
  try {
    const { config, env: environment = process.env, folder = process.cwd() } = options
    const place = await openPlace(config, { environment, folder }, closing)
    const settings = settingsOf(place.config, options.settings)
    return await serve(place, settings, options, closing)
  } catch (error) {
    await closing.close().catch(() => undefined)
    throw error
  }
}
