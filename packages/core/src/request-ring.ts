import type { Change } from "./plan.ts"
import type { Middleware } from "./ports.ts"
import type { ImageRequest } from "./request.ts"

type Core<Out> = (request: ImageRequest, changes: readonly Change[], asked: ImageRequest) => Promise<Out>

/** Runs a request through every request ring, the first listed outermost, gathering what each says it changed. */
export const throughRequestRing = <Out>(middleware: readonly Middleware[], asked: ImageRequest, core: Core<Out>): Promise<Out> => {
  const through = ([first, ...rest]: readonly Middleware[], request: ImageRequest, changes: readonly Change[]): Promise<Out> => {
    if (!first) return core(request, changes, asked)
    if (!first.request) return through(rest, request, changes)
    return first.request<Out>(request, (altered, more = []) => through(rest, altered, [...changes, ...more]))
  }
  return through(middleware, asked, [])
}
