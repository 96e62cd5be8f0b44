import type { Issue } from "@pictor/core"

const number = "(-?\\d{1,15}(?:\\.\\d{1,15})?)"
const name = "\\[([\\w.$-]{1,64})\\]"

// The provider's texts may quote the prompt: nothing of them is passed on but numbers, field names and types. Vocabulary as reported by users.
const kinds: readonly { readonly text: RegExp; readonly says: string }[] = [
  {
    text: new RegExp(`^expected maxLength: ${number}, actual: ${number}`),
    says: "holds $2 characters; $1 are allowed",
  },
  {
    text: new RegExp(`^expected minLength: ${number}, actual: ${number}`),
    says: "holds $2 characters; at least $1 are needed",
  },
  {
    text: new RegExp(`^expected maximum item count: ${number}, found: ${number}`),
    says: "holds $2 entries; $1 are allowed",
  },
  {
    text: new RegExp(`^expected minimum item count: ${number}, found: ${number}`),
    says: "holds $2 entries; at least $1 are needed",
  },
  { text: /^expected type: (\w{1,20}), found: (\w{1,20})/, says: "is of type $2; $1 is needed" },
  { text: new RegExp(`^required key ${name} not found`), says: "lacks the field $1" },
  { text: new RegExp(`^property ${name} is required`), says: "lacks the field $1" },
  {
    text: new RegExp(`^extraneous key ${name} is not permitted`),
    says: "holds the field $1, which is not allowed",
  },
  {
    text: new RegExp(`^${number} is not less or equal to ${number}`),
    says: "is $1; at most $2 is allowed",
  },
  {
    text: new RegExp(`^${number} is not greater or equal to ${number}`),
    says: "is $1; at least $2 is needed",
  },
  {
    text: new RegExp(`^${number} is not less than ${number}`),
    says: "is $1; less than $2 is needed",
  },
  {
    text: new RegExp(`^${number} is not greater than ${number}`),
    says: "is $1; more than $2 is needed",
  },
  {
    text: new RegExp(`^${number} is not a multiple of ${number}`),
    says: "is $1; a multiple of $2 is needed",
  },
  { text: /is not a valid enum value/, says: "is not one of the values allowed" },
  { text: /does not match pattern/, says: "does not have the form that is needed" },
]

const pointer = /#((?:\/[\w.$-]{1,64}){0,12}): /g
const longestText = 20_000
const mostIssues = 20

// Several come without a word about any of them.
const several = /^Malformed input request: (\d{1,4}) schema violations found/

/** The schema violations that Bedrock reports, in words that hold nothing of the request but field names and numbers. */
export const readViolations = (text: string): readonly Issue[] => {
  const known = text.slice(0, longestText)
  const [, count] = several.exec(known) ?? []
  if (count !== undefined)
    return [
      {
        code: "invalid_request",
        path: "body",
        message: `has ${count} faults, which Bedrock does not name`,
      },
    ]
  const found = [...known.matchAll(pointer)].slice(0, mostIssues)
  const issues = found.map((match, index) =>
    toIssue(match[1] ?? "", known.slice(match.index + match[0].length, found[index + 1]?.index)),
  )
  // What follows a reason that is not understood may be a quotation that looks like a finding.
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
  const kind = kinds.find(({ text }) => text.test(reason))
  const match = kind?.text.exec(reason)
  return kind && match
    ? kind.says.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? "")
    : undefined
}
