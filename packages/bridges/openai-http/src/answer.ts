import type { ImageError } from "@pictor/core"
import type { Problem } from "./fault.ts"
import type { Answer } from "./types.ts"

const encoder = new TextEncoder()

/** A piece of an answer: text, or bytes as they are. */
export type Piece = string | Uint8Array

/** Texts that stand side by side are one part: each part is an allocation here, and a write at the host. */
export const partsOf = (pieces: readonly Piece[]): readonly Uint8Array[] => {
  const parts: Uint8Array[] = []
  let text = ""
  const endText = (): void => {
    if (text !== "") parts.push(encoder.encode(text))
    text = ""
  }
  for (const piece of pieces)
    if (typeof piece === "string") text += piece
    else {
      endText()
      parts.push(piece)
    }
  endText()
  return parts
}

/** Header values are printable ASCII; a name may be anything. */
export const headerText = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 500)

const lengthOf = (parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, { byteLength }) => sum + byteLength, 0)

/** An answer of known length. */
export const answerOf = (
  status: number,
  type: string,
  pieces: readonly Piece[],
  headers: Readonly<Record<string, string>> = {},
): Answer => {
  const parts = partsOf(pieces)
  return {
    status,
    headers: { "content-type": type, "content-length": String(lengthOf(parts)), ...headers },
    parts,
  }
}

export const jsonAnswer = (
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Answer => answerOf(status, "application/json", [JSON.stringify(value)], headers)

/** A problem in OpenAI's envelope. */
export const envelope = ({ type, code, message, param, faults, more }: Problem) => ({
  error: {
    message,
    type,
    param: param ?? null,
    code,
    ...(faults ? { issues: faults } : {}),
    ...more,
  },
})

export const problemAnswer = (problem: Problem, error?: ImageError): Answer => ({
  ...jsonAnswer(envelope(problem), problem.headers, problem.status),
  ...(error ? { error } : {}),
})
