import { Pool } from "undici"
import { summarize } from "../gate.ts"
import { sha256 } from "../picture.ts"
import type { Round, Times } from "./messages.ts"
import { pictureHash, type Size, sizes } from "./replies.ts"

/** The load generator. It checks the image of the first and every 50th reply of a connection. */
const hashes = new Map<Size, string>(sizes.map((size) => [size, pictureHash(size)]))

const imageOf = (body: unknown): string => {
  const { images, data } = body as {
    readonly images?: readonly string[]
    readonly data?: readonly { readonly b64_json: string }[]
  }
  return images?.[0] ?? data?.[0]?.b64_json ?? ""
}

const check = (chunks: readonly Uint8Array[], size: Size): void => {
  const picture = Buffer.from(imageOf(JSON.parse(Buffer.concat(chunks).toString())), "base64")
  if (sha256(picture) !== hashes.get(size))
    throw new Error(`the reply has a different image than the upstream's ${size}`)
}

interface Reply {
  readonly status: number
  readonly chunks: readonly Uint8Array[]
}

const ask = (pool: Pool, { path, headers, body }: Round, read: boolean): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let status = 0
    pool.dispatch(
      { path, method: "POST", headers: { ...headers, "content-type": "application/json" }, body },
      {
        onRequestStart: () => {},
        onResponseStart: (_, statusCode) => {
          status = statusCode
        },
        onResponseData: (_, chunk) => {
          if (read || status !== 200) chunks.push(chunk)
        },
        onResponseEnd: () => resolve({ status, chunks }),
        onResponseError: (_, error) => reject(error),
      },
    )
  })

const askAndCheck = async (pool: Pool, round: Round, read: boolean): Promise<void> => {
  const { status, chunks } = await ask(pool, round, read)
  if (status !== 200)
    throw new Error(`status ${status}: ${Buffer.concat(chunks).toString().slice(0, 300)}`)
  if (read) check(chunks, round.size)
}

const runRound = async (round: Round): Promise<Times> => {
  const times: number[] = []
  let left = round.requests
  const pool = (): Pool =>
    new Pool(`http://127.0.0.1:${round.port}`, {
      connections: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  const work = async (): Promise<void> => {
    const own = pool()
    for (let turn = 0; left > 0; turn++) {
      left--
      const startMs = performance.now()
      await askAndCheck(own, round, turn % 50 === 0)
      times.push(performance.now() - startMs)
    }
    await own.close()
  }
  const startMs = performance.now()
  await Promise.all(Array.from({ length: round.connections }, work))
  times.sort((before, after) => before - after)
  return {
    p50Ms: summarize(times).median,
    p99Ms: times[Math.ceil(times.length * 0.99) - 1] ?? Number.NaN,
    elapsedMs: performance.now() - startMs,
  }
}

process.on("message", (round: Round) => {
  runRound(round).then(
    (times) => process.send?.(times),
    (error: unknown) => process.send?.({ failed: String(error) }),
  )
})
process.on("disconnect", () => process.exit())
process.send?.("ready")
