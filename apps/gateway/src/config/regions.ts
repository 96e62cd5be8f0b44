import type { Deployment } from "../types.ts"

/** Where a deployment is called, found out as its calls will. */
export const regionOf = async ({
  region,
  modelId,
  adapter: { transport },
}: Deployment): Promise<string | undefined> =>
  region ??
  transport.region?.(modelId === undefined ? undefined : transport.parse?.(modelId)?.region)

const mostNames = 5

/** Says which deployments have no region, so that every call of theirs will fail. */
export const withoutRegion = async (
  deployments: readonly Deployment[],
): Promise<readonly string[]> => {
  const regions = await Promise.all(
    deployments.map((each) => regionOf(each).catch(() => undefined)),
  )
  const names = deployments.flatMap(({ group, id }, at) =>
    regions[at] === undefined ? [`${group} (${id})`] : [],
  )
  if (names.length === 0) return []
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : ""
  const named = names.slice(0, mostNames).join(", ")
  return [
    `${named}${more} ${names.length === 1 ? "has" : "have"} no region: set aws_region_name, or the variable AWS_REGION.`,
  ]
}
