import { describe, expect, it, onTestFinished } from "vitest"
import { serve } from "./__fixtures__/connect.ts"
import { answer, type Respond } from "./__fixtures__/server.ts"
import { createHttpClient, giveBack } from "./client.ts"

const picture = Buffer.alloc(40_000, 7)

const replyOf = async (respond: Respond): Promise<Uint8Array> => {
  const server = await serve(respond)
  const client = createHttpClient()
  onTestFinished(() => client.close())
  return (await client.send({ origin: server.url, method: "GET", path: "/" })).body
}

describe("the client's reply", () => {
  it("is in memory that giveBack reuses if its length is announced", async () => {
    const body = await replyOf((response) => answer(response, 200, picture))
    expect(picture.equals(body)).toBe(true)
    giveBack([body])
    expect(body.length).toBe(0)
  })

  it("is in memory of its own if its length is not announced", async () => {
    const body = await replyOf((response) => {
      response.write(picture)
      response.end()
    })
    giveBack([body])
    expect(picture.equals(body)).toBe(true)
  })
})
