import { ask, read, smallest } from "./send-request.ts"

/** An order as its caller sees it. */
export interface Order {
  /** The tag `order`, which is also in the prompt. */
  readonly tag: string
  readonly n: number
  /** Undefined if the connection failed. */
  readonly status?: number
  readonly code?: string | undefined
  readonly images?: number
  /** The price in the answer. */
  readonly microUsd?: number
}

export interface Load {
  /** In order of completion. */
  readonly orders: readonly Order[]
  /** Resolves when this many are complete. */
  reached(count: number): Promise<void>
  /** Stops new orders and waits for the callers. */
  stop(): Promise<readonly Order[]>
}

export interface LoadOptions {
  readonly url: string
  readonly callers: number
  /** From its tags. */
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

/** Callers that repeatedly order one to three images, each with its own provider call. */
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
