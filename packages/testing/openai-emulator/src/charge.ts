import { type CheckOptions, readAndCheck } from "./check.ts"
import { jobUsage } from "./generate.ts"
import { jobOf } from "./job.ts"
import { generations } from "./models.ts"
import type { Operation } from "./schemas.ts"
import { chargeOf as usageCharge } from "./usage.ts"

/**
 * What the emulator charges for a body, in millionths of a dollar, without drawing. Undefined for a
 * rejected body, and for a model that is billed per picture.
 *
 * @example
 * await chargeOf("generations", { model: "gpt-image-2", prompt: "Tea", quality: "low" }) // 5885
 */
export const chargeOf = async (
  operation: Operation,
  body: unknown,
  options: CheckOptions = {},
): Promise<number | undefined> => {
  const checked = await readAndCheck(operation, body, options)
  if (checked.violations.length > 0 || !Object.hasOwn(generations, checked.model)) return undefined
  const job = jobOf(operation, checked, 0)
  const partials = job.partialImages * job.count
  return usageCharge(job.model, jobUsage(job, { count: job.count, partials, cached: false }))
}
