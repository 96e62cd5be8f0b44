import type { ErrorCode } from "@pictor/core"

/** What an error status means. */
export interface StatusRow {
  readonly code: ErrorCode
  readonly retryable?: boolean
  readonly maybeBilled?: true
  /** One sentence. `{model}`, `{provider}` and `{host}` are placeholders. */
  readonly message: string
}

const busy: StatusRow = {
  code: "unavailable",
  retryable: true,
  message: "{provider} is not available for {model}; try again in a moment",
}

/** Meanings of the statuses: RFC 9110, and RFC 6585 for 429. 529 is a common "overloaded". */
const rows: Readonly<Record<number, StatusRow>> = {
  401: {
    code: "unauthenticated",
    message:
      "{provider} rejected the key for {model}; check that http({ key }) is complete, not expired and a key for {host}",
  },
  402: {
    code: "quota_exceeded",
    message: "The account at {provider} has no credit left for {model}; add credit",
  },
  403: {
    code: "forbidden",
    message:
      "The key may not call {model} at {provider}; check the key's permissions, and whether the account or organization has access to the model",
  },
  404: {
    code: "model_not_found",
    message:
      "{host} has no {model} at the called address; check the model's id and http({ baseUrl })",
  },
  408: {
    code: "timeout",
    maybeBilled: true,
    message:
      "{model} exceeded the time limit of {provider}; it may have been billed, so check before you try again",
  },
  409: {
    code: "unavailable",
    retryable: true,
    message:
      "{provider} reports a conflict with another request for {model}; try again in a moment",
  },
  410: {
    code: "model_retired",
    message: "{host} no longer has {model}; use another model",
  },
  413: {
    code: "invalid_request",
    message:
      "The request to {model} is too large for {provider}; send smaller or fewer input images",
  },
  424: {
    code: "provider_failed",
    retryable: false,
    message: "{model} failed on this request; change the request or use another model",
  },
  429: {
    code: "rate_limited",
    retryable: true,
    message: "{provider} limits the calls of {model}; send fewer calls at once, or try again later",
  },
  500: {
    code: "provider_failed",
    retryable: true,
    message: "{provider} had an internal error on the call of {model}; try again",
  },
  502: busy,
  503: busy,
  504: {
    code: "timeout",
    maybeBilled: true,
    message:
      "A proxy in front of {model} timed out; it may have been billed, so check before you try again",
  },
  529: busy,
}

const rejected: StatusRow = {
  code: "invalid_request",
  message: "{provider} rejected the request to {model}",
}

const redirected: StatusRow = {
  code: "misconfigured",
  message:
    "{host} redirects the call of {model}, and a key is never sent on to another address; set http({ baseUrl }) to the final one",
}

const unexpected: StatusRow = {
  code: "provider_failed",
  retryable: false,
  message: "{provider} sent an unexpected answer to the call of {model}; try again later",
}

/** A page of HTML with a status of 5xx is a proxy's: the provider did not see the request. */
export const rowOf = (status: number, isHtml: boolean): StatusRow => {
  if (isHtml && status >= 500 && status !== 504) return busy
  const row = rows[status]
  if (row) return row
  if (status >= 300 && status < 400) return redirected
  return status >= 400 && status < 500 ? rejected : unexpected
}
