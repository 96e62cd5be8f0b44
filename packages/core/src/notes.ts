import type { Issue } from "./errors.ts"
import { nearest, quote } from "./nearest.ts"
import type { Change } from "./plan.ts"

/** What planning finds: reported changes, warnings, and everything that is wrong, all at once. */
export interface Notes {
  readonly changes: Change[]
  readonly warnings: string[]
  readonly issues: Issue[]
  /** Reports a change; under `strict`, one that loses something is `unsupported`. `secret`: the value is the caller's text. */
  change(change: Change, secret?: boolean): void
  invalid(path: string, message: string, allowed?: string, given?: unknown): void
  unsupported(path: string, message: string, allowed?: string, given?: unknown): void
  /** Refuses a field that is not among `names`. `owner`: who has no such field, as the message begins. */
  unknown(path: string, field: string, owner: string, names: readonly string[]): void
}

export const createNotes = (strict: boolean): Notes => {
  const changes: Change[] = []
  const issues: Issue[] = []
  const add = (code: Issue["code"]) => (path: string, message: string, allowed?: string, given?: unknown) => {
    issues.push({ code, path, message, ...(given === undefined ? {} : { given }), ...(allowed === undefined ? {} : { allowed }) })
  }
  const unsupported = add("unsupported")
  return {
    changes,
    warnings: [],
    issues,
    invalid: add("invalid_request"),
    unsupported,
    unknown: (path, field, owner, names) => {
      const like = nearest(field, names)
      issues.push({
        code: "invalid_request",
        path,
        message: `${owner} no field ${quote(field)}; the nearest are ${like.join(", ")}.`,
        nearest: like,
      })
    },
    change: (change, secret = false) => {
      if (strict && change.action !== "mapped" && change.action !== "split")
        unsupported(change.field, change.why, undefined, secret ? undefined : change.from)
      else changes.push(change)
    },
  }
}
