import { ImageError } from "@pictor/core"
import { quote } from "@pictor/core/host"
import type { Journey } from "./candidates.ts"
import { cardOf, isFor, taskOf } from "./deployment-request.ts"

const lacking = (
  { request, group }: Journey,
  cards: readonly NonNullable<ReturnType<typeof cardOf>>[],
): ImageError => {
  const tasks = [...new Set(cards.flatMap((card) => Object.keys(card.tasks)))]
  const [card] = cards
  const task = card ? taskOf(request, card) : request.task
  const message = `No model of ${quote(group)} can be asked for the task ${quote(task)} as it is; it has ${tasks.join(", ")}.`
  return new ImageError({
    code: "unsupported",
    message,
    issues: [{ code: "unsupported", path: "task", message, allowed: tasks.join(", ") }],
  })
}

/** Why nobody of the group is asked. */
export const nobody = (journey: Journey): ImageError => {
  const { group, request, origin, surroundings } = journey
  const members = surroundings.groups.get(group) ?? []
  const able = members.filter((each) => isFor(each, request, origin))
  if (able.length === 0)
    return lacking(
      journey,
      members.flatMap((each) => cardOf(each) ?? []),
    )
  const rests = able.flatMap((each) => surroundings.health.rest(each) ?? [])
  const limited = rests.every(({ because }) => because === "RateLimitError" || because === "full")
  const retryAfterMs = Math.max(
    1,
    Math.min(...rests.map(({ untilMs }) => untilMs)) - surroundings.now(),
  )
  const why = limited ? "is at its limit" : "is left alone after failures"
  return new ImageError({
    code: limited ? "rate_limited" : "unavailable",
    message: `Every deployment of ${quote(group)} ${why}; try again in ${Math.ceil(retryAfterMs / 1000)} s.`,
    retryAfterMs,
  })
}
