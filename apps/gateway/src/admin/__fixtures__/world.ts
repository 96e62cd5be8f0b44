import type { Account } from "@pictor/core"
import { type DurableLedger, openDatabase, openLedger } from "@pictor/ledger"
import { type Keys, type KeysOptions, openKeys } from "../open-keys.ts"

export const masterKey = "sk-master-of-this-test"

export const startMs = Date.parse("2026-11-20T12:00:10.000Z")

interface TestResponse {
  readonly status: number
  // Each test asserts the shape that it expects.
  readonly body: ReturnType<typeof JSON.parse>
  readonly text: string
  readonly headers: Headers
}

export interface World {
  readonly keys: Keys
  readonly ledger: DurableLedger
  /** Sends the master key by default; a body makes it a POST. */
  send(
    path: string,
    body?: unknown,
    bearer?: string | null,
    headers?: Readonly<Record<string, string>>,
  ): Promise<TestResponse>
  close(): Promise<void>
}

export interface WorldOptions extends Omit<Partial<KeysOptions>, "masterKey"> {
  /** Undefined: no master key. */
  readonly masterKey?: string | undefined
}

/** The keys and the ledger of one gateway process. */
export const openWorld = async (url: string, options: WorldOptions = {}): Promise<World> => {
  const { now = () => startMs, masterKey: master, ...rest } = { masterKey, ...options }
  const database = await openDatabase(url)
  const ledger = await openLedger(database, { now })
  const keys = await openKeys({
    database,
    ledger,
    now,
    elapsed: now,
    ...rest,
    ...(master !== undefined && { masterKey: master }),
  })
  return {
    keys,
    ledger,
    send: async (path, body, bearer = masterKey, headers = {}) => {
      const response = await keys.routes.request(path, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          host: "localhost:4000",
          ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const json = response.headers.get("content-type")?.includes("json") === true
      return {
        status: response.status,
        text,
        headers: response.headers,
        body: json ? JSON.parse(text) : undefined,
      }
    },
    close: async () => {
      await keys.close()
      await ledger.close()
      await database.close()
    },
  }
}

/** Reserves and settles one call, as a request does. */
export const spend = async (
  ledger: DurableLedger,
  microUsd: number,
  account: Account,
  tags: Readonly<Record<string, string>> = {},
  model = "model-a",
): Promise<string> => {
  const cost = { microUsd, maybeMicroUsd: 0, unpricedImages: 0 }
  const { ids } = await ledger.reserve({
    rows: [{ model, task: "text-to-image", images: 1, cost }],
    account,
    tags,
  })
  const id = String(ids[0])
  await ledger.settle(id, { cost, delivered: 1 })
  return id
}
