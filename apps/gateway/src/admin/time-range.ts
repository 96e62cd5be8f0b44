import { refuse } from "../keys/request-schema.ts"
import { dayMs, iso } from "../keys/time.ts"

const date = /^\d{4}-\d{2}-\d{2}$/

const timeOf = (field: string, text: string): number => {
  const timeMs = Date.parse(text)
  // "2026-02-30" would be taken for the 2nd of March.
  const exists = date.test(text)
    ? !Number.isNaN(timeMs) && iso(timeMs).startsWith(text)
    : /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(timeMs)
  if (!exists)
    refuse([
      {
        code: "invalid_request",
        path: field,
        message: `${field} is a day as 2026-11-20, or a time as 2026-11-20T12:00:00Z.`,
      },
    ])
  return timeMs
}

/** What `start_date` and `end_date` mean: whole UTC days, both of them, or a time, from it on and before it. */
export const timeRange = (
  start: string | undefined,
  end: string | undefined,
): { readonly from?: string; readonly to?: string } => {
  const fromMs = start === undefined ? undefined : timeOf("start_date", start)
  const toMs =
    end === undefined ? undefined : timeOf("end_date", end) + (date.test(end) ? dayMs : 0)
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs)
    refuse([
      { code: "invalid_request", path: "end_date", message: "end_date is before start_date." },
    ])
  return {
    ...(fromMs !== undefined && { from: iso(fromMs) }),
    ...(toMs !== undefined && { to: iso(toMs) }),
  }
}
