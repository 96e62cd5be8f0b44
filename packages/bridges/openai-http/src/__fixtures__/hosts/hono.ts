import { openaiHttp } from "@pictor/openai-http"
import { Hono } from "hono"
import { pictor } from "./pictor.ts"

const openai = openaiHttp({ pictor, basePath: "/api" })

export const app = new Hono()
app.all("/api/*", (context) =>
  openai.fetch(context.req.raw, { account: { key: "from-your-auth" } }),
)
