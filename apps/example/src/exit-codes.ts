/** Exit codes of the process. */
export const exitCodes = {
  delivered: 0,
  incomplete: 1,
  usage: 2,
  noCredentials: 3,
  declined: 4,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
