import { createInterface } from "node:readline/promises"
import { styleText } from "node:util"

export type Style = Parameters<typeof styleText>[0]
export type Paint = (style: Style | undefined, text: string) => string

/** Where the app writes and asks. */
export interface Terminal {
  readonly columns: number
  readonly paint: Paint
  /** Lines that were written may be written over. */
  readonly redraws: boolean
  /** The result, for people and pipes. */
  print(text: string): void
  /** Progress and what goes wrong. */
  note(text: string): void
  /** The answer, or undefined where the input ends; absent where nobody is there to answer. */
  readonly ask?: (question: string, signal: AbortSignal) => Promise<string | undefined>
}

const standardColumns = 100

export const painter =
  (colours: boolean): Paint =>
  (style, text) =>
    style === undefined || text === "" || !colours
      ? text
      : styleText(style, text, { validateStream: false })

interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/**
 * The terminal of a process; `NO_COLOR` and `FORCE_COLOR` are honoured by Node's own reading of
 * them.
 */
export const terminalOf = ({ stdin, stdout, stderr }: Streams): Terminal => ({
  columns: stdout.columns ?? standardColumns,
  paint: painter(stdout.isTTY && stdout.hasColors()),
  redraws: stderr.isTTY && stdout.isTTY,
  print: (text) => void stdout.write(text),
  note: (text) => void stderr.write(text),
  ...(stdin.isTTY && {
    ask: (question: string, signal: AbortSignal) => askOn(stdin, stderr, question, signal),
  }),
})

const askOn = async (
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  question: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const lines = createInterface({ input, output })
  // A terminal in raw mode gives Ctrl-C to readline, which would otherwise swallow it.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"))
  const ended = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)))
  try {
    return await Promise.race([lines.question(question, { signal }), ended])
  } catch {
    return undefined
  } finally {
    lines.close()
  }
}
