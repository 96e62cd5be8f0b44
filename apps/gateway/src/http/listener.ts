import type { RequestListener } from "node:http"
import { getRequestListener } from "@hono/node-server"
import type { ServerParts } from "../dependencies.ts"
import { createApp } from "./app.ts"
import { unreadable } from "./errors.ts"
import { answering } from "./images.ts"
import { createShortcut } from "./shortcut.ts"

/** Answers every request. */
export const createListener = (parts: ServerParts): RequestListener => {
  const answer = answering(parts)
  const shortcut = createShortcut(parts, answer)
  // What goes wrong in the application it answers itself.
  const application = getRequestListener(createApp(parts, answer).fetch, {
    overrideGlobalObjects: false,
    errorHandler: unreadable,
  })
  return (incoming, outgoing) => {
    if (!shortcut(incoming, outgoing)) void application(incoming, outgoing)
  }
}
