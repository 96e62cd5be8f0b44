import { isIP, type LookupFunction, Socket, type TcpSocketConnectOpts } from "node:net"
import { afterEach } from "vitest"

/** Hosts other than this machine that the current test tried to reach. */
const foreignHosts: string[] = []

const { connect } = Socket.prototype

/** A connection to 0.0.0.0, which LiteLLM's examples use, goes to this machine. */
const isLoopback = (host: string): boolean =>
  ["localhost", "::1", "0.0.0.0"].includes(host) || host.startsWith("127.")

type Target = Partial<TcpSocketConnectOpts> & { readonly path?: string | null }

const reject = (host: string): Error => {
  foreignHosts.push(host)
  return new Error(`A test tried to reach ${host}`)
}

/**
 * A lookup of the code under test may answer with any address: only loopback ones are connected.
 */
const guarded =
  (lookup: LookupFunction): LookupFunction =>
  (host, options, callback) =>
    lookup(host, options, (error, address, family) => {
      const addresses = typeof address === "string" ? [{ address }] : (address ?? [])
      const foreign = error ? undefined : addresses.find((each) => !isLoopback(each.address))
      callback(foreign ? reject(foreign.address) : error, address, family)
    })

/**
 * The target of `connect(options)`, of `connect(port, host)` and of their normalized form, a list.
 */
const targetOf = (first: unknown, second?: unknown): Target => {
  if (Array.isArray(first)) return targetOf(first[0], first[1])
  if (typeof first === "object" && first !== null) return first
  return typeof second === "string" ? { host: second } : {}
}

/** msw answers such a connection itself, and has replaced its lookup. */
const isMocked = ({ lookup }: Target): boolean => lookup?.name === "mockLookup"

Socket.prototype.connect = function (this: Socket, ...given: readonly unknown[]): Socket {
  const target = targetOf(given[0], given[1])
  const { host = "localhost", path, lookup } = target
  if (path || isLoopback(host) || isMocked(target))
    return Reflect.apply(connect, this, given) as Socket
  if (lookup === undefined || isIP(host) !== 0) return this.destroy(reject(host))
  Object.assign(target, { lookup: guarded(lookup) })
  return Reflect.apply(connect, this, given) as Socket
}

afterEach(() => {
  const hosts = foreignHosts.splice(0)
  if (hosts.length > 0) throw new Error(`The test tried to reach ${hosts.join(", ")}`)
})
