import { defineAdapter } from "@pictor/core/adapter"
import { models } from "./models.ts"
import { encode } from "./request.ts"
import { decode } from "./response.ts"

export { echoTransport } from "./transport.ts"

/** The smallest whole adapter: `echo(echoTransport())`. */
export const echo = defineAdapter({ name: "echo", version: "0.1.0", models, encode, decode })
