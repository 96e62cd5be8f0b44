export const minuteMs = 60_000
export const dayMs = 86_400_000

export const iso = (timeMs: number): string => new Date(timeMs).toISOString()
