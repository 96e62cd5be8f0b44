import { ImageError } from "@pictor/core"
import type { HttpFamily, HttpJobs, Job, TransportCall } from "@pictor/core/adapter"

/** Where a family's API is reached. */
export interface BaseAddress {
  /** It may contain `{model}`. */
  readonly text: string
  /** The caller set it. Its host may then have jobs and files, and without https. */
  readonly own: boolean
}

export const misconfigured = (message: string): ImageError =>
  new ImageError({ code: "misconfigured", message })

export const isRegion = (text: string): boolean => /^[a-z0-9-]{1,63}$/.test(text)

export const findBase = (
  family: HttpFamily,
  own: string | undefined,
  region: string | undefined,
): BaseAddress => {
  const text = own ?? regionalBase(family, region)
  if (!text.includes("{region}")) return { text, own: own !== undefined }
  if (region === undefined || !isRegion(region))
    throw misconfigured(
      `The base URL of ${family.provider} contains {region}; set http({ region }), such as us-central1`,
    )
  return { text: text.replaceAll("{region}", region), own: own !== undefined }
}

const regionalBase = ({ provider, baseUrl, regions = {} }: HttpFamily, region?: string): string => {
  if (region === undefined) return baseUrl
  const found = Object.hasOwn(regions, region) ? regions[region] : undefined
  if (found !== undefined) return found
  if (baseUrl.includes("{region}")) return baseUrl
  const known = Object.keys(regions).join(", ")
  const remedy = known
    ? `the regions are ${known}`
    : "leave out http({ region }), or set http({ baseUrl })"
  throw misconfigured(`${provider} has no region ${JSON.stringify(region.slice(0, 63))}; ${remedy}`)
}

/** The URL of a call. The path of the base URL comes before the endpoint's; both keep a query. */
export const callUrl = (
  base: BaseAddress,
  { modelId, endpoint = "" }: Pick<TransportCall, "modelId" | "endpoint">,
): URL => joined(base.text, endpoint, { "{model}": modelId })

/** A model id may have slashes. It never leads to another directory. */
const joined = (base: string, endpoint: string, values: Readonly<Record<string, string>>): URL => {
  const fill = (text: string): string =>
    Object.entries(values).reduce(
      (filled, [name, value]) => filled.replaceAll(name, () => encodedPath(name, value)),
      text,
    )
  const url = new URL(fill(base))
  const [path = "", query] = fill(endpoint).split("?", 2)
  if (path !== "") url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`
  for (const [name, value] of new URLSearchParams(query)) url.searchParams.set(name, value)
  return url
}

const encodedPath = (name: string, value: string): string => {
  const parts = value.split("/")
  if (parts.some((part) => part === "" || /^\.{1,2}$/.test(part)))
    throw new ImageError({
      code: "invalid_request",
      message: `The value of ${name} in the URL is empty or has an empty part, "." or ".."; check the model's id`,
    })
  return parts.map(encodeURIComponent).join("/")
}

const within = (host: string, hosts: readonly string[]): boolean =>
  hosts.some((each) => host === each || host.endsWith(`.${each}`))

/**
 * The URL at which a job is polled, with the key. It is on the origin of the base URL, or over
 * https on one of the family's hosts, unless the caller's base URL is elsewhere.
 */
export const pollUrl = (
  { id, url }: Job,
  { baseUrl, pollHosts = [] }: HttpFamily,
  { endpoint }: Pick<HttpJobs, "endpoint">,
  base: BaseAddress,
): URL | undefined => {
  if (url === undefined)
    return endpoint && id ? joined(base.text, endpoint, { "{id}": id }) : undefined
  if (!URL.canParse(url)) return undefined
  const asked = new URL(url)
  const home = new URL(base.text.replaceAll("{model}", "x"))
  if (asked.username !== "" || asked.password !== "") return undefined
  if (asked.origin === home.origin) return asked
  const hosts = [...pollHosts, new URL(baseUrl.replaceAll(/\{\w+\}/g, "x")).hostname]
  const trusted = asked.protocol === "https:" && asked.port === "" && within(asked.hostname, hosts)
  return trusted && within(home.hostname, hosts) ? asked : undefined
}

export const cancelUrl = ({ id }: Job, endpoint: string, base: BaseAddress): URL =>
  joined(base.text, endpoint, { "{id}": id })

/**
 * Whether a result file may be fetched: over https from these hosts, or by the scheme and from the
 * host of the base URL that the caller set.
 */
export const isFileUrl = (url: URL, hosts: readonly string[], base: BaseAddress): boolean => {
  if (url.username !== "" || url.password !== "") return false
  if (url.protocol === "https:" && within(url.hostname, hosts)) return true
  if (!base.own) return false
  const home = new URL(base.text.replaceAll("{model}", "x"))
  return url.protocol === home.protocol && url.hostname === home.hostname
}
