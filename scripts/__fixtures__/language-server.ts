import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { pathToFileURL } from "node:url"

interface Message {
  readonly id?: number
  readonly method?: string
  readonly result?: unknown
}

export interface LanguageServer extends AsyncDisposable {
  /** The text that an editor shows for the first `word` after `before` in a file. */
  hover(file: string, before: string, word: string): Promise<string>
}

const send = ({ stdin }: ChildProcessWithoutNullStreams, message: object): void => {
  const text = JSON.stringify({ jsonrpc: "2.0", ...message })
  stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
}

/** Calls `receive` with every message of the server. */
const readMessages = (
  { stdout }: ChildProcessWithoutNullStreams,
  receive: (message: Message) => void,
): void => {
  let buffer = Buffer.alloc(0)
  stdout.on("data", (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk])
    for (;;) {
      const head = /^Content-Length: (\d+)[\s\S]*?\r\n\r\n/.exec(buffer.toString("latin1"))
      const end = head ? head[0].length + Number(head[1]) : Number.POSITIVE_INFINITY
      if (head === null || buffer.length < end) return
      receive(JSON.parse(buffer.subarray(head[0].length, end).toString()) as Message)
      buffer = buffer.subarray(end)
    }
  })
}

const positionOf = (text: string, before: string, word: string) => {
  const offset = text.indexOf(word, text.indexOf(before) + before.length)
  const lines = text.slice(0, offset).split("\n")
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 }
}

/** Starts `tsc --lsp` in a folder. */
export const startLanguageServer = async (tsc: string, folder: string): Promise<LanguageServer> => {
  const server = spawn(tsc, ["--lsp", "--stdio"], { cwd: folder })
  const waiting = new Map<number, (result: unknown) => void>()
  let last = 0
  const request = (method: string, params: object): Promise<unknown> =>
    new Promise((resolve) => {
      last += 1
      waiting.set(last, resolve)
      send(server, { id: last, method, params })
    })
  readMessages(server, ({ id, method, result }) => {
    if (id === undefined) return
    // The server's own requests need an answer.
    if (method !== undefined) return send(server, { id, result: null })
    waiting.get(id)?.(result)
  })
  const rootUri = pathToFileURL(folder).href
  await request("initialize", { processId: process.pid, rootUri, capabilities: {} })
  send(server, { method: "initialized", params: {} })
  return {
    hover: async (file, before, word) => {
      const text = readFileSync(file, "utf8")
      const { href: uri } = pathToFileURL(file)
      const textDocument = { uri, languageId: "typescript", version: 1, text }
      send(server, { method: "textDocument/didOpen", params: { textDocument } })
      const position = positionOf(text, before, word)
      const result = await request("textDocument/hover", { textDocument: { uri }, position })
      send(server, { method: "textDocument/didClose", params: { textDocument: { uri } } })
      return (result as { readonly contents: { readonly value: string } }).contents.value
    },
    [Symbol.asyncDispose]: async () => {
      await request("shutdown", {})
      send(server, { method: "exit" })
    },
  }
}
