import type { Problem } from "./problem.ts"

const header = "x-litellm-timeout"

const wrong: Problem = {
  status: 400,
  code: "invalid_timeout",
  param: header,
  message: `${header} is a number of seconds above 0, such as 30 or 0.5. Leave it out for the gateway's own limit.`,
}

/** How long a request may take: what it asks for in seconds, within what the gateway gives. */
export const deadlineOf = (asked: unknown, requestMs: number): number | Problem => {
  if (asked === undefined) return requestMs
  const seconds =
    typeof asked === "string" && /^\d+(\.\d+)?$/.test(asked.trim()) ? Number(asked) : 0
  return seconds > 0 ? Math.min(requestMs, Math.max(1, Math.round(seconds * 1000))) : wrong
}
