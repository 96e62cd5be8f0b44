import type { Ledger } from "@pictor/core"

const callers = 50

/** Wall-clock milliseconds per operation, with 50 concurrent callers. */
export const timeEach = async (
  count: number,
  work: (index: number) => Promise<void>,
): Promise<number> => {
  const startMs = performance.now()
  let next = 0
  const call = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: callers }, call))
  return (performance.now() - startMs) / count
}

const model = "amazon.nova-canvas-v1:0"

const facts = {
  model,
  task: "text-to-image",
  images: 1,
  size: "1024x1024",
  quality: "standard",
  price: "https://aws.amazon.com/bedrock/pricing/",
} as const

const cost = { microUsd: 40_000, maybeMicroUsd: 0, unpricedImages: 0 } as const

/** About the size of a ledger's row. */
export const bareRow = JSON.stringify({
  ...facts,
  cost,
  key: "key-1",
  requestId: "b6f0e0a2-3d5b-4d0c-9f7e-1c2d3e4f5a6b",
  tags: {},
})

export const setBudgets = async (ledger: Ledger, keys: number): Promise<void> => {
  for (let key = 0; key < keys; key += 1)
    await ledger.setBudget({
      scope: { key: `key-${key}` },
      window: "month",
      hard: { microUsd: 1_000_000_000_000 },
    })
}

/** Reserves and settles one call. */
export const spendOne = async (ledger: Ledger, key: number): Promise<void> => {
  const { ids } = await ledger.reserve({
    rows: [{ ...facts, cost }],
    account: { key: `key-${key}` },
  })
  await ledger.settle(String(ids[0]), {
    cost,
    delivered: 1,
    requestId: "b6f0e0a2-3d5b-4d0c-9f7e-1c2d3e4f5a6b",
  })
}
