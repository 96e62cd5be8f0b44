import { setMaxListeners } from "node:events"
import {
  createPictor,
  ImageError,
  type ImageStore,
  type ModelCard,
  type Pictor,
} from "@pictor/core"
import { defined } from "@pictor/core/host"
import core from "@pictor/core/package.json" with { type: "json" }
import { fileStore } from "@pictor/files"
import { sharpImages } from "@pictor/images"
import { openDatabase, openLedger } from "@pictor/ledger"
import { openaiHttp } from "@pictor/openai-http"
import type { DestinationStream, Logger } from "pino"
import { openKeys } from "./admin/open-keys.ts"
import { isLoopback } from "./auth/local-only.ts"
import { aliases } from "./auth/model-access.ts"
import {
  type DeploymentOptions,
  deploymentsOf,
  missingRegionWarnings,
} from "./config/deployments.ts"
import type { GatewayConfig } from "./config/types.ts"
import { type Admission, createRooms } from "./http/admission.ts"
import { createListener } from "./http/app.ts"
import { createFetchImage } from "./http/fetch-image.ts"
import { createHealth } from "./http/health.ts"
import { createKeySpend } from "./http/key-spend.ts"
import { drain, listen } from "./http/listen.ts"
import { countPixels } from "./http/picture-memory.ts"
import { defaultSettings, type ServerSettings } from "./http/settings.ts"
import { type Closer, createCloser } from "./lib/closer.ts"
import { instrumentLedger } from "./observability/instrumented-ledger.ts"
import { createLog, flushLog, reasonOf, stackOf } from "./observability/log.ts"
import { createMetrics } from "./observability/metrics.ts"
import { openTracing } from "./observability/open-tracing.ts"
import { providerCalls } from "./observability/provider-calls.ts"
import { createRequestId } from "./observability/request-record.ts"
import { calls } from "./request-context.ts"
import { startResumingJobs } from "./resume-jobs.ts"
import { createRouter } from "./routing/router.ts"
import { openStartup, type Startup } from "./startup.ts"
import type { Deployment } from "./types.ts"

export interface GatewayOptions {
  /** Default: every model on an emulator in this process. */
  readonly config?: GatewayConfig
  /** Warnings of the configuration's reader, for the log. */
  readonly warnings?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Base of relative paths in the configuration. Default: the working folder. */
  readonly folder?: string
  readonly settings?: Partial<ServerSettings>
  /** Default: standard output. */
  readonly log?: DestinationStream
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** 0 ≤ random < 1. */
  readonly random?: () => number
  /** Default: Bedrock over HTTP/1.1. */
  readonly transport?: DeploymentOptions["transport"]
  /**
   * How long a database operation waits for an unavailable or busy database. Default: the ledger's.
   */
  readonly databaseWaitMs?: number
}

export interface Gateway {
  readonly url: string
  /** Notices for the operator. */
  readonly notes: readonly string[]
  /** Finishes the requests in flight, rejects new ones, and closes everything. */
  close(): Promise<void>
}

const hourMs = 3_600_000

/** For durations; `now` has whole milliseconds. */
const preciseNow = (): number => performance.timeOrigin + performance.now()

const settingsOf = (
  { general, server = {} }: GatewayConfig,
  options: Partial<ServerSettings> = {},
): ServerSettings => {
  const { maxBytes, maxBytesPerKey, receiveMs, sendMs, drainMs, trustProxy } = server
  const configured = defined({
    requestMs: general.requestTimeoutMs,
    maxRequests: general.maxParallelRequests,
    bodyBytes: general.maxRequestBytes,
    maxBytes,
    maxBytesPerKey,
    receiveMs,
    sendMs,
    drainMs,
    trustProxy,
    budgetStatus: general.budgetStatus,
    endUserHeaders: general.endUserHeaders,
    // Without a key, a page could spend money.
    allowedOrigins: general.masterKey === undefined ? [] : general.allowedOrigins,
  })
  const given = { ...defaultSettings, ...configured, ...options }
  const share = options.maxBytesPerKey ?? maxBytesPerKey ?? Math.ceil(given.maxBytes / 2)
  const settings = { ...given, maxBytesPerKey: share }
  if (general.masterKey !== undefined || isLoopback(settings.host)) return settings
  throw new ImageError({
    code: "invalid_request",
    message: `Cannot listen on ${settings.host} without general_settings.master_key: anyone who reaches the gateway could spend money. Set a master key, or listen on 127.0.0.1.`,
  })
}

/** The card of every model that is called, once. */
const cardsOf = (deployments: readonly Deployment[]): readonly ModelCard[] => {
  const cards = deployments.flatMap(({ adapter, model }) =>
    adapter.models.filter(({ id }) => id === model),
  )
  return [...new Map(cards.map((card) => [card.id, card])).values()]
}

const openServices = async (
  { config, databaseUrl }: Startup,
  settings: ServerSettings,
  options: GatewayOptions,
  log: Logger,
  closer: Closer,
) => {
  const { env = process.env, now = Date.now, random = Math.random, transport } = options
  const { masterKey, previousMasterKey, budget, clientTagsSpend, keyRules: rules } = config.general
  const rooms = createRooms(settings)
  const metrics = createMetrics(rooms.admission, preciseNow)
  const operation = config.server?.traceOperation ?? "generate_content"
  const tracing = closer.add(
    await openTracing(env, { version: core.version, operation }),
    (opened) => opened?.close(),
  )
  const waiting = defined({ waitMs: options.databaseWaitMs })
  const database = closer.add(await openDatabase(databaseUrl, waiting), (opened) => opened.close())
  const onFailure = (failedOperation: string, thrown: unknown): void => {
    metrics.ledgerFailed(failedOperation, thrown)
    log.error({ operation: failedOperation, ...reasonOf(thrown) }, "ledger operation failed")
  }
  const ledger = closer.add(
    instrumentLedger(await openLedger(database, waiting), onFailure),
    (opened) => opened.close(),
  )
  const deployments = await deploymentsOf(config, defined({ transport }))
  const router = createRouter(deployments, config.router, { now, random })
  const models = {
    names: [...new Set(deployments.map(({ group }) => group))],
    ids: [...new Set(deployments.map(({ model }) => model))],
    groupOf: router.groupOf,
  }
  const keysOptions = {
    database,
    ledger,
    now,
    models,
    cards: cardsOf(deployments),
    ...defined({ masterKey, previousMasterKey, budget, clientTagsSpend, rules }),
  }
  const keys = closer.add(await openKeys(keysOptions), (opened) => opened.close())
  return { rooms, metrics, tracing, database, ledger, keys, deployments, router, now }
}

type Services = Awaited<ReturnType<typeof openServices>>

const openFiles = async (
  { database, now }: Services,
  { imageFolder, config: { server = {} } }: Startup,
  log: Logger,
  closer: Closer,
) => {
  const { publicUrl, imageLinkMs: linkMs = hourMs, imageKeepMs: keepMs = 24 * hourMs } = server
  const base = (): string => `${publicUrl ?? calls.getStore()?.origin ?? ""}/files`
  // In the gateway's database, because gateways on several machines may share the folder. Recipes
  // have prompts, and nothing reads them here.
  const options = { base, linkMs, keepMs, now, index: database, recipes: false }
  const files = closer.add(fileStore(imageFolder, options), (opened) => opened.close())
  await files.ready()
  const clean = (): void => {
    files
      .clean()
      .catch((error: unknown) => log.error(stackOf(error), "expired images could not be deleted"))
  }
  closer.add(setInterval(clean, 60_000).unref(), clearInterval)
  return files
}

const openClient = (
  { deployments, router, ledger, keys, metrics, tracing, now }: Services,
  { config }: Startup,
  imageStore: ImageStore,
) => {
  // Outermost first.
  const middleware = [
    aliases,
    keys.limits,
    router.middleware,
    keys.ledgerTags,
    providerCalls(preciseNow),
    metrics.middleware,
    ...(tracing ? [tracing.middleware] : []),
  ]
  const imageOps = countPixels(sharpImages())
  const pictor = createPictor({
    adapters: deployments.map(({ adapter }) => adapter),
    ledger,
    imageOps,
    imageStore,
    middleware,
    prices: deployments.flatMap(({ prices }) => prices),
    retry: router.retry,
    lapsed: config.general.lapsedRequests ?? "refuse",
    runtime: { now },
  })
  return { pictor, imageOps }
}

const openHealth = ({ deployments, keys }: Services, pictor: Pictor) =>
  createHealth({
    deployments,
    lifecycle: ({ address }) => pictor.model(address).lifecycle,
    database: keys.ready,
    now: preciseNow,
  })

const openBridge = (
  { router, now }: Services,
  { config: { server = {} } }: Startup,
  { bodyBytes, receiveMs }: ServerSettings,
  { pictor, imageOps }: ReturnType<typeof openClient>,
  imageStore: ImageStore,
) =>
  openaiHttp({
    pictor,
    imageStore,
    imageOps,
    models: router.models,
    limits: { bodyBytes },
    now,
    ...(server.imageHosts && {
      fetchImage: createFetchImage({
        hosts: server.imageHosts,
        maxBytes: bodyBytes,
        timeoutMs: receiveMs,
      }),
    }),
  })

const together = (rooms: readonly Admission[]): Pick<Admission, "idle"> => ({
  idle: async () => void (await Promise.all(rooms.map((room) => room.idle()))),
})

/** Opens everything, listens, and returns how to close it again. */
const serve = async (
  startup: Startup,
  settings: ServerSettings,
  options: GatewayOptions,
  closer: Closer,
): Promise<Gateway> => {
  const { env = process.env, warnings = [] } = options
  const log = createLog({ level: env["LOG_LEVEL"], to: options.log })
  const services = await openServices(startup, settings, options, log, closer)
  const { rooms, metrics, tracing, keys, deployments } = services
  const files = await openFiles(services, startup, log, closer)
  const client = openClient(services, startup, files)
  closer.add(client.pictor, (opened) => opened.close())
  const [cutOff, receiving] = [new AbortController(), new AbortController()]
  // Each request in flight adds a listener.
  setMaxListeners(0, cutOff.signal, receiving.signal)
  let draining = false
  const listener = createListener({
    settings,
    version: core.version,
    now: preciseNow,
    randomId: () => createRequestId(Date.now()),
    cutOff: cutOff.signal,
    stopReceiving: receiving.signal,
    draining: () => draining,
    bridge: openBridge(services, startup, settings, client, files),
    ...defined({ imageModel: startup.config.router.imageModel }),
    isOpen: startup.config.general.masterKey === undefined,
    authenticate: keys.authenticate,
    admin: keys.routes,
    spend: createKeySpend(keys.spentBy, preciseNow),
    ...rooms,
    health: openHealth(services, client.pictor),
    files,
    metrics,
    tracing,
    log,
  })
  const listening = await listen(listener, settings)
  if (deployments.some(({ adapter }) => adapter.transport.resume))
    closer.add(
      startResumingJobs({ pictor: client.pictor, log, metrics, now: preciseNow }),
      (jobs) => jobs.close(),
    )
  const notes = [...startup.notes, ...warnings, ...(await missingRegionWarnings(deployments))]
  for (const note of notes) log.warn(note)
  log.info({ url: listening.url, deployments: deployments.length }, "listening")
  const shutDown = async (): Promise<void> => {
    draining = true
    await drain({
      listening,
      admission: together(Object.values(rooms)),
      stopReceiving: () => receiving.abort(),
      drainMs: settings.drainMs,
      cut: () => cutOff.abort(),
    })
    await closer.close()
    log.info("closed")
    await flushLog(log)
  }
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= shutDown()
    return closed
  }
  return { url: listening.url, notes, close }
}

/**
 * Starts a gateway. Throws an `ImageError` with the remedy if it cannot start: the database does
 * not answer, the address is in use, or the host is public and no master key is set.
 */
export const startGateway = async (options: GatewayOptions = {}): Promise<Gateway> => {
  const closer = createCloser()
  try {
    const { config, env = process.env, folder = process.cwd() } = options
    const startup = await openStartup({ config, env, folder }, closer)
    return await serve(startup, settingsOf(startup.config, options.settings), options, closer)
  } catch (error) {
    await closer.close().catch(() => undefined)
    throw error
  }
}
