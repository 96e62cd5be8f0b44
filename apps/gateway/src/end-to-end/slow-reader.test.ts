import { afterAll, beforeAll, expect, it } from "vitest"
import { openWorld, type World } from "./__fixtures__/gateway.ts"
import { type Behaviour, type Provider, startProvider } from "./__fixtures__/provider.ts"
import { ask, read, small } from "./__fixtures__/send-request.ts"

/** More than the system buffers for a client that does not read. */
const letters = 12 * 1_048_576
const head = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"

/** Four base64 letters per call, which its image repeats. */
const markOf = (count: number): string =>
  Buffer.from([7, count >> 8, count & 255]).toString("base64")

/** No two images share a byte sequence. */
const marked: Behaviour = (response, count) => {
  response.setHeader("content-type", "application/json")
  response.end(`{"images":["${head}${markOf(count).repeat(letters / 4)}"]}`)
}

let provider: Provider
let world: World
beforeAll(async () => {
  provider = await startProvider(marked)
  world = await openWorld({ endpoint: provider.url })
})
afterAll(async () => {
  await world.close()
  await provider.close()
})

const call = (): Promise<Response> =>
  ask({ url: world.url, fields: { ...small, size: "1024x1024", prompt: "tea" } })

/** The letters that the image of an answer repeats; undefined if they vary. */
const markIn = async (response: Response): Promise<string | undefined> => {
  const { images } = await read(response)
  const picture = images[0]?.slice(head.length) ?? ""
  const mark = picture.slice(0, 4)
  return picture.length === letters && picture === mark.repeat(letters / 4) ? mark : undefined
}

it("gives a slow reader its own image, as every client in between", async () => {
  const late = [await call(), await call()]
  const between: (string | undefined)[] = []
  for (let turn = 0; turn < 4; turn++) between.push(await markIn(await call()))
  const left = await call()
  await left.body?.cancel()
  between.push(await markIn(await call()))
  const marks = [...(await Promise.all(late.map(markIn))), ...between]
  expect(marks).toEqual([1, 2, 3, 4, 5, 6, 8].map(markOf))
})
