/** What the process ends with. */
export const exitCodes = { ended: 0, failed: 1, wrong: 2 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
