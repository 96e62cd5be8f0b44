import type { Issue } from "../contract/errors.ts"
import type { Change } from "../contract/plan.ts"
import { defined } from "../lib/object.ts"
import { characters, type Rule } from "../models/parameter.ts"
import { givenAs, nearest, quote } from "../models/suggest.ts"

type AddIssue = (path: string, message: string, allowed?: string, given?: unknown) => undefined

/** What planning finds: reported changes, warnings, and everything that is wrong, all at once. */
export interface Notes {
  readonly changes: Change[]
  readonly warnings: string[]
  readonly issues: Issue[]
  /** Reports a change; under `strict`, one that loses something is `unsupported`. `secret`: the value is the caller's text. */
  readonly change: (change: Change, secret?: boolean) => void
  /** Reports what the model has no use for. */
  readonly drop: (field: string, from: unknown, why: string, secret?: boolean) => void
  readonly invalid: AddIssue
  readonly unsupported: AddIssue
  /** Refuses a field that is not among `names`. `owner`: who has no such field, as the message begins. */
  readonly unknown: (path: string, field: string, owner: string, names: readonly string[]) => void
  /** Is it what the rule says? If not, that is an issue. */
  readonly check: (path: string, rule: Rule, given: unknown, code?: Issue["code"]) => boolean
  /** Refuses that a field is absent, unless it was given in the model's own words and refused there. */
  readonly missing: (path: string, allowed: string, names?: string) => undefined
  /** Fields that were given in the model's own words, and refused; undefined: what has no neutral name. */
  readonly refused: (string | undefined)[]
  /** More is given than one of what goes alone: `names` are joined by "and". */
  readonly choose: (path: string, names: string, allowed?: string, why?: string) => undefined
}

const longestWord = 40

/** What may be repeated of a wrong value. */
const told = ({ repeats }: Rule, given: unknown): unknown => {
  if (typeof given === "string")
    return repeats === "words" && given.length <= longestWord
      ? given
      : `${characters(given)} characters`
  return repeats || typeof given !== "number" ? givenAs(given) : "a number"
}

export const createNotes = (
  strict: boolean,
  changes: Change[] = [],
  warnings: string[] = [],
): Notes => {
  const issues: Issue[] = []
  const refused: (string | undefined)[] = []
  const add =
    (code: Issue["code"]): AddIssue =>
    (path, message, allowed, given) => {
      issues.push({ code, path, message, ...defined({ given, allowed }) })
    }
  const unsupported = add("unsupported")
  const invalid = add("invalid_request")
  const change: Notes["change"] = (made, secret = false) => {
    if (strict && made.action !== "mapped" && made.action !== "split")
      unsupported(made.field, made.why, undefined, secret ? undefined : made.from)
    else changes.push(made)
  }
  return {
    changes,
    warnings,
    issues,
    refused,
    change,
    drop: (field, from, why, secret) =>
      change({ field, action: "dropped", from, to: undefined, why }, secret),
    invalid,
    unsupported,
    unknown: (path, field, owner, names) => {
      const like = nearest(field, names)
      const message = `${owner} no field ${quote(field)}; the nearest are ${like.join(", ")}.`
      issues.push({ code: "invalid_request", path, message, nearest: like })
    },
    check: (path, rule, given, code = "invalid_request") => {
      if (rule.takes(given)) return true
      const wrong = told(rule, given)
      add(code)(path, `${path} must be ${rule.words}, not ${String(wrong)}.`, rule.words, wrong)
      return false
    },
    missing: (path, allowed, names = path) =>
      refused.includes(path)
        ? undefined
        : invalid(path, `${names} is missing: the model needs it in this task.`, allowed),
    choose: (path, names, allowed, why = "exclude each other") =>
      invalid(path, `${names} ${why}. Give one of them.`, allowed),
  }
}
