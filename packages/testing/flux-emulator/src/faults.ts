import { type FaultRule, parseFaultRule } from "@pictor/emulator-kit"

/** Where a job has got to, as a poll reports it. */
export type Status =
  | "Pending"
  | "Reasoning"
  | "Generating"
  | "Ready"
  | "Error"
  | "Failed"
  | "Request Moderated"
  | "Content Moderated"
  | "Task not found"

/** All faults of the emulator. */
export const faultKinds = [
  // The submit is answered with an error, and no job is made.
  "forbidden",
  "no-credits",
  "too-many-tasks",
  "invalid",
  "internal",
  "unavailable",
  "reset-before",
  // The job is made, and its answer is late or lost.
  "slow-submit",
  "reset-after",
  // The job ends without a picture.
  "request-moderated",
  "content-moderated",
  "error",
  "failed",
  "task-not-found",
  "never-ready",
  // The first polls, or as many as `k`.
  "poll-error",
  "poll-unavailable",
  "poll-throttled",
  "slow-poll",
  "reset-poll",
  // The first downloads, or as many as `k`; an expired result stays gone.
  "expired-sample",
  "download-error",
  "slow-download",
  "reset-download",
] as const

export type FaultKind = (typeof faultKinds)[number]

/** A rule that makes requests fail. It may be limited to a `model`, which is an endpoint. */
export type Fault = FaultRule<FaultKind>

/**
 * Reads a fault written as `kind[;setting=value…]`, such as `poll-error;k=2`; undefined for an
 * unknown kind or setting.
 */
export const parseFault = (text: string): Fault | undefined => parseFaultRule(text, faultKinds)

type Failure = { readonly status: 402 | 403 | 422 | 429 | 500 | 503; readonly detail: unknown }

type Table<Value> = { readonly [kind in FaultKind]?: Value }

const lookUp = <Value>(table: Table<Value>, fault: Fault | undefined): Value | undefined =>
  fault === undefined ? undefined : table[fault.kind]

/** The answers of the API to an order. The texts of 402, 429 and 503 are the emulator's own. */
export const failures = {
  forbidden: { status: 403, detail: "Not authenticated - Invalid Authentication" },
  "no-credits": { status: 402, detail: "Insufficient credits" },
  "too-many-tasks": { status: 429, detail: "Too many active tasks" },
  invalid: {
    status: 422,
    detail: [{ loc: ["body"], msg: "Value error, invalid request", type: "value_error" }],
  },
  internal: { status: 500, detail: "Internal Server Error" },
  unavailable: { status: 503, detail: "Service Unavailable" },
} as const satisfies Table<Failure>

/** The answer in place of a job. */
export const submitFailure = (fault: Fault | undefined): Failure | undefined =>
  lookUp<Failure>(failures, fault)

/** The answer in place of a job's status. */
export const pollFailure = (fault: Fault | undefined): Failure | undefined =>
  lookUp<Failure>(
    {
      "poll-error": failures.internal,
      "poll-unavailable": failures.unavailable,
      "poll-throttled": { status: 429, detail: "Too many requests" },
    },
    fault,
  )

/** How a job ends. */
export const endingOf = (fault: Fault | undefined): Status =>
  lookUp<Status>(
    {
      "request-moderated": "Request Moderated",
      "content-moderated": "Content Moderated",
      error: "Error",
      failed: "Failed",
      "task-not-found": "Task not found",
    },
    fault,
  ) ?? "Ready"
