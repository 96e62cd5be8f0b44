import type { Change } from "./plan.ts"
import type { Middleware } from "./ports.ts"
import type { ImageRequest } from "./request.ts"

/** Runs a request through every request ring, the first listed outermost, gathering what each says it changed. */
export const throughRequestRing = <Out>(
  middleware: readonly Middleware[],
  request: ImageRequest,
  core: (request: ImageRequest, changes: readonly Change[]) => Promise<Out>,
  changes: readonly Change[] = [],
): Promise<Out> => {
  const [first, ...rest] = middleware
  if (!first) return core(request, changes)
  if (!first.request) return throughRequestRing(rest, request, core, changes)
  return first.request<Out>(request, (altered, more = []) => throughRequestRing(rest, altered, core, [...changes, ...more]))
}
