import type { HttpFailure, HttpFamily } from "@pictor/core/adapter"

/** The names of the rejected fields. Their messages may repeat the request. */
const fieldsIn = (body: unknown): string => {
  const detail = (body as { readonly detail?: unknown } | null | undefined)?.detail
  const fields = (Array.isArray(detail) ? detail : [])
    .slice(0, 5)
    .map((each: unknown) => (each as { readonly loc?: unknown } | null)?.loc)
    .flatMap((loc) => (Array.isArray(loc) ? [loc.filter((part) => part !== "body").join(".")] : []))
    .filter((field) => /^[\w.]{1,100}$/.test(field))
  return fields.length === 0 ? "" : `: ${[...new Set(fields)].join(", ")}`
}

const failure = (status: number, body: unknown): HttpFailure | undefined => {
  if (status === 422)
    return {
      code: "invalid_request",
      message: `Black Forest Labs rejected the request as invalid${fieldsIn(body)}.`,
    }
  return failures[status]
}

const failures: Readonly<Record<number, HttpFailure>> = {
  401: {
    code: "unauthenticated",
    message: "Black Forest Labs got no valid key. Set one in http({ key }).",
  },
  402: {
    code: "quota_exceeded",
    message: "The account at Black Forest Labs has no credits left. Add credits at https://bfl.ai.",
  },
  403: {
    code: "unauthenticated",
    message:
      "Black Forest Labs rejected the API key: it is wrong, or it was revoked. Set a valid one in http({ key }).",
  },
  429: {
    code: "rate_limited",
    message:
      "The account at Black Forest Labs has too many jobs at once: 24, or 6 of flux-kontext-max. Try again when some have ended.",
  },
  503: { code: "unavailable", message: "Black Forest Labs is overloaded. Try again later." },
}

/** The API of Black Forest Labs: a call is a job, and its result is behind a URL. */
export const bflApi = {
  provider: "black-forest-labs",
  baseUrl: "https://api.bfl.ai/v1",
  regions: { eu: "https://api.eu.bfl.ai/v1", us: "https://api.us.bfl.ai/v1" },
  auth: { header: "x-key" },
  jobs: {
    id: "id",
    url: "polling_url",
    endpoint: "get_result?id={id}",
    state: "status",
    running: ["Pending", "Reasoning", "Generating"],
    lost: ["Task not found"],
    firstWaitMs: 500,
    longestWaitMs: 2_000,
    timeoutMs: 300_000,
  },
  file: "result.sample",
  hosts: ["bfl.ai"],
  pollHosts: ["bfl.ai"],
  failure,
} as const satisfies HttpFamily
