import type { Issue } from "@pictor/core"

const number = "(-?\\d{1,15}(?:\\.\\d{1,15})?)"
const name = "\\[([\\w.$-]{1,64})\\]"

/**
 * Reasons as users report them. The provider's text may quote the prompt, so only numbers, field
 * names and types of it are passed on.
 */
const reasons: readonly { readonly text: RegExp; readonly message: string }[] = [
  {
    text: new RegExp(`^expected maxLength: ${number}, actual: ${number}`),
    message: "has $2 characters; at most $1 are allowed",
  },
  {
    text: new RegExp(`^expected minLength: ${number}, actual: ${number}`),
    message: "has $2 characters; at least $1 are required",
  },
  {
    text: new RegExp(`^expected maximum item count: ${number}, found: ${number}`),
    message: "has $2 entries; at most $1 are allowed",
  },
  {
    text: new RegExp(`^expected minimum item count: ${number}, found: ${number}`),
    message: "has $2 entries; at least $1 are required",
  },
  { text: /^expected type: (\w{1,20}), found: (\w{1,20})/, message: "has type $2 instead of $1" },
  { text: new RegExp(`^required key ${name} not found`), message: "lacks the field $1" },
  { text: new RegExp(`^property ${name} is required`), message: "lacks the field $1" },
  {
    text: new RegExp(`^extraneous key ${name} is not permitted`),
    message: "has the field $1, which is not allowed",
  },
  {
    text: new RegExp(`^${number} is not less or equal to ${number}`),
    message: "is $1; at most $2 is allowed",
  },
  {
    text: new RegExp(`^${number} is not greater or equal to ${number}`),
    message: "is $1; at least $2 is required",
  },
  { text: new RegExp(`^${number} is not less than ${number}`), message: "is $1, not less than $2" },
  {
    text: new RegExp(`^${number} is not greater than ${number}`),
    message: "is $1, not more than $2",
  },
  {
    text: new RegExp(`^${number} is not a multiple of ${number}`),
    message: "is $1, not a multiple of $2",
  },
  { text: /is not a valid enum value/, message: "is not one of the allowed values" },
  { text: /does not match pattern/, message: "does not have the required form" },
]

const pointer = /#((?:\/[\w.$-]{1,64}){0,12}): /g
const maxTextLength = 20_000
const maxIssues = 20

/** Bedrock counts several violations without naming them. */
const counted = /^Malformed input request: (\d{1,4}) schema violations found/

/** The schema violations that Bedrock reports, without any text of the request. */
export const readViolations = (text: string): readonly Issue[] => {
  const known = text.slice(0, maxTextLength)
  const [, count] = counted.exec(known) ?? []
  if (count !== undefined)
    return [
      {
        code: "invalid_request",
        path: "body",
        message: `has ${count} schema violations, which Bedrock does not name`,
      },
    ]
  const found = [...known.matchAll(pointer)].slice(0, maxIssues)
  const issues = found.map((match, index) =>
    toIssue(match[1] ?? "", known.slice(match.index + match[0].length, found[index + 1]?.index)),
  )
  // After an unknown reason the text may be a quotation that looks like a violation.
  const end = issues.indexOf(undefined)
  return issues.slice(0, end === -1 ? undefined : end).filter((issue) => issue !== undefined)
}

const toIssue = (path: string, reason: string): Issue | undefined => {
  const message = describe(reason)
  return message
    ? { code: "invalid_request", path: `body${path.replaceAll("/", ".")}`, message }
    : undefined
}

const describe = (reason: string): string | undefined => {
  const known = reasons.find(({ text }) => text.test(reason))
  const match = known?.text.exec(reason)
  return known && match
    ? known.message.replace(/\$(\d)/g, (_, group: string) => withSeparators(match[Number(group)]))
    : undefined
}

const withSeparators = (part = ""): string =>
  /^\d{4,}$/.test(part) ? Number(part).toLocaleString("en-US") : part
