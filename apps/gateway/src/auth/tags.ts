import type { Middleware } from "@pictor/core"
import { defined } from "@pictor/core/host"
import {
  calls,
  callTag,
  deploymentTag,
  groupTag,
  keyAliasTag,
  modelTag,
  modelTagValue,
  ownTagPrefix,
} from "../request-context.ts"
import type { Caller, GatewayCall } from "../types.ts"
import { type GroupOf, resolveAlias } from "./model-access.ts"

type Tags = Readonly<Record<string, string>>

export interface TagOptions {
  readonly groupOf: GroupOf
  /** Budgets of tags count the tags of every client. Default: those that the key lists. */
  readonly clientTagsSpend: boolean
}

/**
 * Completes the tags of a request for the ledger: the gateway's own, and which tags no budget
 * counts. Place it inside the router, which resolves the model's name.
 */
export const ledgerTags = ({ groupOf, clientTagsSpend }: TagOptions): Middleware => ({
  name: "ledger-tags",
  request: (request, next) => {
    const call = calls.getStore()
    const { clientTags: _given, ...rest } = request
    // A client's own tag of this prefix could spend another key's budget.
    const given = Object.entries(request.tags ?? {}).filter(
      ([name]) => !name.startsWith(ownTagPrefix),
    )
    const tags = { ...Object.fromEntries(given), ...(call && ownTags(call, groupOf)) }
    const clientTags = clientTagsSpend || !call ? [] : chosenByClient(call.caller, given)
    return next({
      ...rest,
      tags,
      ...(clientTags.length > 0 && { clientTags }),
    })
  },
})

/** The names of the tags that a key does not list. The operator's own requests have none. */
const chosenByClient = (
  { kind, tags }: Caller,
  given: readonly (readonly [name: string, value: string])[],
): readonly string[] =>
  kind === "key" ? given.filter(([name, value]) => tags[name] !== value).map(([name]) => name) : []

const ownTags = (
  { id, caller, group, currentGroup, deployment }: GatewayCall,
  groupOf: GroupOf,
): Tags => {
  const { keyId, keyAlias, modelBudgets = [] } = caller
  const name = modelBudgets.find((each) => groupOf(resolveAlias(caller, each)) === currentGroup)
  return defined({
    [callTag]: id,
    [groupTag]: group,
    [deploymentTag]: deployment?.id,
    [keyAliasTag]: keyAlias,
    [modelTag]: keyId === undefined || name === undefined ? undefined : modelTagValue(keyId, name),
  }) as Tags
}
