import { once } from "node:events"
import { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import { expect, it } from "vitest"
import { readBody } from "./body.ts"

it("is no body of a caller who went away before it was read", async () => {
  const incoming = new IncomingMessage(new Socket())
  Object.assign(incoming, { method: "POST", headers: { "content-length": "10" } })
  incoming.destroy()
  await once(incoming, "close")
  const ticket = {
    take: () => true,
    came: () => undefined,
    carry: () => undefined,
    leave: () => undefined,
  }
  expect(await readBody(incoming, 100, ticket)).toMatchObject({
    problem: { code: "incomplete_body" },
  })
})
