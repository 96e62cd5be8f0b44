import type { SpendKey, SpendRow, SubmittedJob, UnresolvedRow } from "@pictor/core"
import { defined } from "@pictor/core/host"
import type { CallQuery, DurableLedger, LedgerCall } from "@pictor/ledger"
import { toUsd } from "../keys/units.ts"
import { litellmProvider } from "../lib/provider-name.ts"
import { callTag, deploymentTag, groupTag, keyAliasTag, ownTagPrefix } from "../request-context.ts"

const textTasks: ReadonlySet<string> = new Set(["text-to-image", "color-guided"])

const tagText = ([name, value]: readonly [string, string]): string =>
  value === "" ? name : `${name}=${value}`

/** The tags of clients and keys, without the gateway's own. */
export const tagTexts = ({ tags }: LedgerCall): readonly string[] =>
  Object.entries(tags)
    .filter(([name]) => !name.startsWith(ownTagPrefix))
    .map(tagText)

/** Of a call that has ended; a reserved, held or lapsed one has none. */
const statusOf = ({ state, images }: LedgerCall): "success" | "failure" | null => {
  if (state === "settled") return images > 0 ? "success" : "failure"
  return state === "released" ? "failure" : null
}

const tokensOf = ({ usage = {} }: LedgerCall) => {
  const input =
    (usage.inputTextToken ?? 0) +
    (usage.inputImageToken ?? 0) +
    (usage.cachedInputTextToken ?? 0) +
    (usage.cachedInputImageToken ?? 0)
  const output = (usage.outputTextToken ?? 0) + (usage.outputImageToken ?? 0)
  return { total_tokens: input + output, prompt_tokens: input, completion_tokens: output }
}

/** A provider call in the columns of LiteLLM's spend logs that apply to images, and in our own. */
export const toLogRow = (call: LedgerCall) => ({
  request_id: call.id,
  call_type: textTasks.has(call.task) ? "aimage_generation" : "aimage_edit",
  api_key: call.account.key ?? "",
  spend: toUsd(call.cost.microUsd),
  startTime: call.time,
  endTime: call.endTime ?? null,
  request_duration_ms:
    call.endTime === undefined ? null : Date.parse(call.endTime) - Date.parse(call.time),
  model: call.model,
  model_group: call.tags[groupTag] ?? null,
  model_id: call.tags[deploymentTag] ?? null,
  custom_llm_provider: litellmProvider(call.provider),
  api_base: "",
  user: call.account.user ?? "",
  end_user: call.account.endUser ?? "",
  team_id: call.account.team ?? null,
  request_tags: tagTexts(call),
  metadata: {
    user_api_key: call.account.key ?? null,
    user_api_key_alias: call.tags[keyAliasTag] ?? null,
    user_api_key_user_id: call.account.user ?? null,
    user_api_key_team_id: call.account.team ?? null,
    user_api_key_end_user_id: call.account.endUser ?? null,
  },
  status: statusOf(call),
  cache_hit: "False",
  session_id: call.tags[callTag] ?? null,
  ...tokensOf(call),
  provider: call.provider ?? null,
  usage: call.usage ?? null,
  task: call.task,
  state: call.state,
  size: call.size ?? null,
  quality: call.quality ?? null,
  seed: call.seed ?? null,
  images_ordered: call.ordered,
  images: call.images,
  maybe_spend: toUsd(call.cost.maybeMicroUsd),
  unknown_images: call.cost.unpricedImages,
  estimated_spend: toUsd(call.estimate.microUsd + call.estimate.maybeMicroUsd),
  price_source: call.price ?? null,
  call_id: call.tags[callTag] ?? null,
  provider_request_id: call.requestId ?? null,
})

/** A call whose charge is unknown, in the columns of the logs. */
export const toUnresolvedRow = (row: UnresolvedRow) => ({
  request_id: row.id,
  startTime: row.time,
  state: row.state,
  model: row.model,
  task: row.task,
  api_key: row.account.key ?? "",
  user: row.account.user ?? "",
  end_user: row.account.endUser ?? "",
  team_id: row.account.team ?? null,
  images: row.images,
  spend: toUsd(row.cost.microUsd),
  maybe_spend: toUsd(row.cost.maybeMicroUsd),
  unknown_images: row.cost.unpricedImages,
  provider_request_id: row.requestId ?? null,
  provider: row.provider ?? null,
  job: row.job ? toJobFields(row.job) : null,
})

/** Without the URL, which may be signed. */
const toJobFields = ({ id, adapter, modelId, lost }: SubmittedJob) => ({
  id,
  deployment: adapter,
  model_id: modelId,
  lost: lost ?? false,
})

/** LiteLLM's names for the groups of a report. */
const columns: Readonly<Record<string, string>> = {
  key: "api_key",
  user: "user_id",
  team: "team_id",
  endUser: "end_user",
  [`tag:${groupTag}`]: "model_group",
}

/** `tag` groups by every tag, `tag:name` by the values of one tag. */
export type ReportKey = SpendKey | "tag"

export const reportKeys: Readonly<Record<string, ReportKey>> = {
  key: "key",
  api_key: "key",
  user: "user",
  internal_user: "user",
  customer: "endUser",
  end_user: "endUser",
  team: "team",
  model: "model",
  provider: "provider",
  model_group: `tag:${groupTag}`,
  task: "task",
  day: "day",
  month: "month",
  state: "state",
  tag: "tag",
}

const columnOf = (key: ReportKey): string => columns[key] ?? key

const numbers = (row: Omit<SpendRow, "group">) => ({
  calls: row.calls,
  images: row.images,
  spend: toUsd(row.microUsd),
  maybe_spend: toUsd(row.maybeMicroUsd),
  unknown_images: row.unpricedImages,
  micro_usd: row.microUsd,
  maybe_micro_usd: row.maybeMicroUsd,
})

export type ReportRow = Readonly<Record<string, string | number | null>>

const toReportRow = (by: readonly ReportKey[], row: SpendRow): ReportRow => ({
  ...Object.fromEntries(by.map((key) => [columnOf(key), row.group[key] ?? null])),
  ...numbers(row),
})

const nothing: SpendRow = {
  group: {},
  calls: 0,
  images: 0,
  microUsd: 0,
  maybeMicroUsd: 0,
  unpricedImages: 0,
}

/** A call counts under each of its tags. */
const byTag = async (ledger: DurableLedger, time: CallQuery): Promise<readonly SpendRow[]> => {
  const rows = new Map<string, SpendRow>()
  for await (const call of ledger.calls(time))
    for (const tag of tagTexts(call)) {
      const sum = rows.get(tag) ?? nothing
      rows.set(tag, {
        group: { tag },
        calls: sum.calls + 1,
        images: sum.images + call.images,
        microUsd: sum.microUsd + call.cost.microUsd,
        maybeMicroUsd: sum.maybeMicroUsd + call.cost.maybeMicroUsd,
        unpricedImages: sum.unpricedImages + call.cost.unpricedImages,
      })
    }
  return [...rows].toSorted(([first], [second]) => (first < second ? -1 : 1)).map(([, row]) => row)
}

export const report = async (
  ledger: DurableLedger,
  by: readonly ReportKey[],
  time: { readonly from?: string; readonly to?: string },
): Promise<readonly ReportRow[]> => {
  const rows =
    by[0] === "tag"
      ? await byTag(ledger, time)
      : await ledger.spend({ by: by as readonly SpendKey[], ...time })
  return rows.map((row) => toReportRow(by, row))
}

export const reportColumns = (by: readonly ReportKey[]): readonly string[] => [
  ...by.map(columnOf),
  ...Object.keys(numbers(nothing)),
]

/** A row per day, as LiteLLM summarizes logs. */
export const daily = async (
  ledger: DurableLedger,
  { from, to, key, user }: Pick<CallQuery, "from" | "to" | "key" | "user">,
) => {
  const rows = await ledger.spend({
    by: ["day", "model", "provider", "user", "key"],
    ...defined({ from, to, key, user }),
  })
  const sumBy = (ofDay: readonly SpendRow[], column: string) => {
    const sums = new Map<string, number>()
    for (const { group, microUsd } of ofDay) {
      const name = group[column] ?? ""
      sums.set(name, (sums.get(name) ?? 0) + microUsd)
    }
    return Object.fromEntries([...sums].map(([name, microUsd]) => [name, toUsd(microUsd)]))
  }
  return [...Map.groupBy(rows, ({ group }) => group["day"] ?? "")].map(([startTime, ofDay]) => ({
    startTime,
    spend: toUsd(ofDay.reduce((sum, { microUsd }) => sum + microUsd, 0)),
    users: sumBy(ofDay, "user"),
    models: sumBy(ofDay, "model"),
    providers: sumBy(ofDay, "provider"),
    api_keys: sumBy(ofDay, "key"),
  }))
}
