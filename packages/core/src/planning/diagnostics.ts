import type { ModelCard } from "../contract/card.ts"
import { type ImageError, type Issue, imageError } from "../contract/errors.ts"
import type { Change } from "../contract/plan.ts"
import { defined } from "../lib/object.ts"
import { characters, type Rule } from "../models/parameter.ts"
import { formatNumber, givenAs, nearest, quote } from "../models/suggest.ts"

type AddIssue = (
  path: string,
  message: string,
  details?: Pick<Issue, "allowed" | "given" | "remedy">,
) => undefined

type AddChange = (
  field: string,
  from: unknown,
  to: unknown,
  why: string,
  isSecret?: boolean,
) => void

export interface Diagnostics {
  /** The policy is `strict`. */
  readonly isStrict: boolean
  readonly changes: Change[]
  readonly warnings: string[]
  readonly issues: Issue[]
  /** Reports a change. Under `strict` a lossy one is `unsupported`. `isSecret`: a caller's text. */
  readonly change: (change: Change, isSecret?: boolean) => void
  readonly drop: (field: string, from: unknown, why: string, isSecret?: boolean) => void
  readonly map: AddChange
  readonly snap: AddChange
  readonly invalid: AddIssue
  readonly unsupported: AddIssue
  /** Rejects a field that is not one of `names`. `start`: "there is" or "the model has". */
  readonly unknownField: (
    path: string,
    field: string,
    start: string,
    names: readonly string[],
  ) => void
  /** Does the rule take the value? If not, that is an issue. */
  readonly check: (path: string, rule: Rule, given: unknown, code?: Issue["code"]) => boolean
  /** Rejects the absence of a field, unless `options` had it with a value that was rejected. */
  readonly missing: (path: string, allowed: string, names?: string) => undefined
  /** Neutral fields whose value in `options` was rejected. */
  readonly rejected: (string | undefined)[]
  /** Rejects fields of which only one may be given; `names` are joined by "and". */
  readonly conflict: (path: string, names: string, allowed?: string, why?: string) => undefined
}

export const createDiagnostics = (
  isStrict: boolean,
  changes: readonly Change[] = [],
  warnings: readonly string[] = [],
): Diagnostics => {
  const reported = [...changes]
  const issues: Issue[] = []
  const rejected: (string | undefined)[] = []
  const add =
    (code: Issue["code"]): AddIssue =>
    (path, message, details = {}) => {
      issues.push({ code, path, message, ...defined(details) })
    }
  const [invalid, unsupported] = [add("invalid_request"), add("unsupported")]
  const change: Diagnostics["change"] = (made, isSecret = false) => {
    const isLossless = made.action === "mapped" || made.action === "split"
    if (isLossless || !isStrict) reported.push(made)
    else unsupported(made.field, made.why, { given: isSecret ? undefined : made.from })
  }
  const as =
    (action: Change["action"]): AddChange =>
    (field, from, to, why, isSecret) =>
      change({ field, action, from, to, why }, isSecret)
  return {
    isStrict,
    changes: reported,
    warnings: [...warnings],
    issues,
    rejected,
    change,
    drop: (field, from, why, isSecret) => as("dropped")(field, from, undefined, why, isSecret),
    map: as("mapped"),
    snap: as("snapped"),
    invalid,
    unsupported,
    unknownField: (path, field, start, names) => {
      const like = nearest(field, names)
      const message = `${start} no field ${quote(field)}; the nearest are ${like.join(", ")}.`
      issues.push({ code: "invalid_request", path, message, nearest: like })
    },
    check: (path, rule, value, code = "invalid_request") => {
      if (rule.takes(value)) return true
      const [allowed, given] = [rule.words(), describe(rule, value)]
      const shown = typeof given === "number" ? formatNumber(given) : String(given)
      add(code)(path, `${path} must be ${allowed}, not ${shown}.`, { allowed, given })
      return false
    },
    missing: (path, allowed, names = path) =>
      rejected.includes(path)
        ? undefined
        : invalid(path, `${names} is missing: the model requires it for this task.`, { allowed }),
    conflict: (path, names, allowed, why = "cannot be combined") =>
      invalid(path, `${names} ${why}. Give one of them.`, defined({ allowed })),
  }
}

export const throwIssues = (card: Pick<ModelCard, "id">, diagnostics: Diagnostics): void => {
  if (diagnostics.issues.length > 0) throw issuesError(card, diagnostics)
}

/** All issues as one error, which is `unsupported` only if every issue is. */
export const issuesError = ({ id }: Pick<ModelCard, "id">, { issues }: Diagnostics): ImageError => {
  const [first, ...more] = issues
  const isUnsupported = issues.every(({ code }) => code === "unsupported")
  const sentences = [`${id}: ${first?.message}`]
  if (first?.remedy !== undefined) sentences.push(first.remedy)
  if (more.length > 0)
    sentences.push(`And ${more.length} more: ${more.map(({ path }) => path).join(", ")}.`)
  return imageError(isUnsupported ? "unsupported" : "invalid_request", sentences.join(" "), {
    issues,
  })
}

const maxWordLength = 40

/** How a wrong value may be repeated. */
const describe = ({ repeats }: Rule, given: unknown): unknown => {
  if (typeof given === "string")
    return repeats === "words" && given.length <= maxWordLength
      ? given
      : `${formatNumber(characters(given))} characters`
  return repeats || typeof given !== "number" ? givenAs(given) : "a number"
}
