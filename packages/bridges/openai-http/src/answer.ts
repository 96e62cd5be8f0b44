import type { ImageError } from "@pictor/core"
import type { Problem } from "./fault.ts"
import type { Answer } from "./types.ts"

const encoder = new TextEncoder()

export const bytesOf = (text: string): Uint8Array => encoder.encode(text)

/** Header values are printable ASCII; a name may be anything. */
export const headerText = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 500)

const lengthOf = (parts: readonly Uint8Array[]): string => String(parts.reduce((sum, { byteLength }) => sum + byteLength, 0))

/** An answer of known length. */
export const answerOf = (
  status: number,
  type: string,
  parts: readonly Uint8Array[],
  headers: Readonly<Record<string, string>> = {},
): Answer & { readonly parts: readonly Uint8Array[] } => ({
  status,
  headers: { "content-type": type, "content-length": lengthOf(parts), ...headers },
  parts,
})

export const jsonAnswer = (value: unknown, headers: Readonly<Record<string, string>> = {}, status = 200): Answer =>
  answerOf(status, "application/json", [bytesOf(JSON.stringify(value))], headers)

/** A problem in OpenAI's envelope. */
export const envelope = ({ type, code, message, param, faults, more }: Problem) => ({
  error: { message, type, param: param ?? null, code, ...(faults ? { issues: faults } : {}), ...more },
})

export const problemAnswer = (problem: Problem, error?: ImageError): Answer => ({
  ...jsonAnswer(envelope(problem), problem.headers, problem.status),
  ...(error ? { error } : {}),
})
