import { serve } from "@hono/node-server"
import { Hono } from "hono"

/**
 * `parsing.ts PORT UPSTREAM`: the usual gateway, which parses and stringifies; no keys, no ledger.
 */
const [port = "", upstream = ""] = process.argv.slice(2)

interface Order {
  readonly model: string
  readonly prompt: string
}

const app = new Hono()
app.post("/v1/images/generations", async (context) => {
  const { model, prompt } = await context.req.json<Order>()
  const reply = await fetch(`${upstream}/model/${encodeURIComponent(model)}/invoke`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer none" },
    body: JSON.stringify({ prompt }),
  })
  const { images } = (await reply.json()) as { readonly images: readonly string[] }
  return context.json({
    created: Math.floor(Date.now() / 1000),
    data: images.map((b64_json) => ({ b64_json })),
  })
})
serve({ fetch: app.fetch, port: Number(port), hostname: "127.0.0.1" })
