import { ask, read, smallest } from "./ask.ts"

/** What its caller saw of one order. */
export interface Order {
  /** Its tag `order`, which its prompt has too. */
  readonly tag: string
  readonly n: number
  /** Undefined: the connection broke, or none came about. */
  readonly status?: number
  readonly code?: string | undefined
  readonly images?: number
  /** Its price, as the answer says it. */
  readonly microUsd?: number
}

export interface Load {
  /** As they end. */
  readonly orders: readonly Order[]
  /** Resolves when so many have ended. */
  reached(count: number): Promise<void>
  /** Lets callers end. */
  stop(): Promise<readonly Order[]>
}

export interface LoadOptions {
  readonly url: string
  readonly callers: number
  /** Of its tags. */
  readonly name: string
  readonly headers?: Readonly<Record<string, string>>
}

const place = async ({ url, headers }: LoadOptions, { tag, n }: Order): Promise<Order> => {
  try {
    const response = await ask({
      url,
      fields: { ...smallest, n, prompt: `tea ${tag}` },
      headers: { ...headers, "x-litellm-tags": `order=${tag}` },
    })
    const { status, images, report, error } = await read(response)
    return {
      tag,
      n,
      status,
      code: error?.code,
      images: images.length,
      ...(report && { microUsd: report.cost.micro_usd }),
    }
  } catch {
    return { tag, n }
  }
}

/** Callers who each order one to three pictures, a provider call for each, again and again. */
export const startLoad = (options: LoadOptions): Load => {
  const orders: Order[] = []
  let count = 0
  const over = new AbortController()
  let waiting: { readonly count: number; readonly resolve: () => void }[] = []
  const call = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const number = count++
      orders.push(await place(options, { tag: `${options.name}-${number}.`, n: 1 + (number % 3) }))
      for (const each of waiting) if (orders.length >= each.count) each.resolve()
      waiting = waiting.filter((each) => orders.length < each.count)
    }
  }
  const callers = Array.from({ length: options.callers }, call)
  return {
    orders,
    reached: (wanted) =>
      new Promise((resolve) =>
        orders.length >= wanted ? resolve() : waiting.push({ count: wanted, resolve }),
      ),
    stop: async () => {
      over.abort()
      await Promise.all(callers)
      return orders
    },
  }
}
