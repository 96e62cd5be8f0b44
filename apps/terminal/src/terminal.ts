import { createInterface } from "node:readline/promises"
import { styleText } from "node:util"

export type Style = Parameters<typeof styleText>[0]
export type Paint = (style: Style | undefined, text: string) => string

/** The output and input of the app. */
export interface Terminal {
  readonly columns: number
  readonly paint: Paint
  /** Written lines can be overwritten. */
  readonly redraws: boolean
  /** Writes the result, to standard output. */
  print(text: string): void
  /** Writes progress and problems, to standard error. */
  note(text: string): void
  /** Returns the answer, or undefined if the input ends. Absent without a terminal. */
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

/** The terminal of a process. Node reads `NO_COLOR` and `FORCE_COLOR`. */
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
  // In raw mode readline receives Ctrl-C and would swallow it.
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
