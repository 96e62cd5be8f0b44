import type { FileContract, TransportClause, TransportContext } from "./contract.ts"
import { count, failureOf, within } from "./helpers.ts"
import { answer, type KitServer, type Respond } from "./server.ts"

const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const send = answer(200, picture, { "content-type": "image/png" })

/** Skipped unless the contract has files, so they are there. */
const filesOf = ({ contract }: TransportContext): FileContract => contract.files as FileContract

/** Answers a call with the URLs of these files. */
const provide = async (
  context: TransportContext,
  files: readonly Respond[],
  setup: { readonly maxReplyBytes?: number } = {},
) => {
  const { call, reply } = filesOf(context)
  const server: KitServer = await context.serve((response, received, cut) => {
    if (received.method !== "GET")
      return answer(200, reply(files.map((_, index) => `${server.url}/${index}`)))(
        response,
        received,
        cut,
      )
    files[Number(received.path.slice(1))]?.(response, received, cut)
  })
  const transport = context.connect({ url: server.url, ...setup })
  return { server, invoke: () => transport.invoke(call) }
}

const fileBytes: TransportClause = async (context) => {
  const { invoke } = await provide(context, [send, send])
  const { files = {} } = await within(invoke(), "the call")
  const { path } = filesOf(context)
  context.expect(Object.keys(files).toSorted(), "the files' paths").toEqual([path(0), path(1)])
  for (const bytes of Object.values(files))
    context.expect(picture.equals(bytes), "the file's bytes").toBe(true)
}

const fileSecrets: TransportClause = async (context) => {
  const { server, invoke } = await provide(context, [send])
  await within(invoke(), "the call")
  const sent = JSON.stringify(server.requests.filter(({ method }) => method === "GET"))
  context.expect(count(server, "GET"), "downloads").toBe(1)
  for (const secret of context.contract.secrets)
    context.expect(sent.includes(secret), "the download has a credential").toBe(false)
}

const fileForeign: TransportClause = async (context) => {
  const other = await context.serve(send)
  const location = `${other.url.replace("127.0.0.1", "localhost")}/stolen`
  const { call, reply } = filesOf(context)
  const direct = await context.serve(answer(200, reply([location])))
  const redirected = await provide(context, [answer(302, {}, { location })])
  const calls = {
    directly: () => context.connect({ url: direct.url }).invoke(call),
    "by a redirect": redirected.invoke,
  }
  for (const [name, invoke] of Object.entries(calls)) {
    const error = await failureOf(context, invoke(), `a file on another host, ${name}`)
    context.expect([error.code, error.maybeBilled], name).toEqual(["invalid_response", true])
  }
  context.expect(other.requests.length, "downloads from the other host").toBe(0)
}

const fileAgain: TransportClause = async (context) => {
  const failures: Respond[] = [answer(500, {}), (_response, _received, cut) => cut()]
  const { server, invoke } = await provide(context, [
    (response, received, cut) => (failures.shift() ?? send)(response, received, cut),
  ])
  const { files = {} } = await within(invoke(), "the call")
  context.expect(Object.keys(files), "the files").toEqual([filesOf(context).path(0)])
  context.expect([count(server, "POST"), count(server, "GET")], "calls, downloads").toEqual([1, 3])
}

const fileGone: TransportClause = async (context) => {
  const { invoke } = await provide(context, [answer(410, {}), send])
  const { files = {} } = await within(invoke(), "the call")
  context.expect(Object.keys(files), "the files").toEqual([filesOf(context).path(1)])
}

const fileBound: TransportClause = async (context) => {
  const large = answer(200, Buffer.alloc(600_000), { "content-type": "image/png" })
  const { invoke } = await provide(context, [large, large], { maxReplyBytes: 1_000_000 })
  const error = await failureOf(context, invoke(), "files beyond the limit")
  context.expect([error.code, error.maybeBilled]).toEqual(["invalid_response", true])
}

export const fileClauses = {
  "file-bytes": fileBytes,
  "file-secrets": fileSecrets,
  "file-foreign": fileForeign,
  "file-again": fileAgain,
  "file-gone": fileGone,
  "file-bound": fileBound,
} as const
