/** Exit codes of the process. They are stable: scripts may rely on them. */
export const exitCodes = {
  success: 0,
  /** Something failed: a call, a file, or a part of the pictures. */
  failed: 1,
  /** A flag, an argument, a file or the configuration is wrong. Nothing was sent. */
  usage: 2,
  /** A confirmation is needed and nobody can be asked. */
  unconfirmed: 3,
  /** The answer to a confirmation was no. */
  declined: 4,
  unauthenticated: 5,
  overBudget: 6,
  filtered: 7,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
