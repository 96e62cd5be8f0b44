import type { DurableLedger } from "@pictor/ledger"
import { describe, expect, it, vi } from "vitest"
import { syncTemplate } from "./key-budgets.ts"
import type { Key } from "./repository.ts"
import { emptySettings } from "./settings.ts"
import type { Store } from "./tables.ts"

describe("syncTemplate", () => {
  it("sets no budget of a key that another process deletes meanwhile", async () => {
    const setBudget = vi.fn<DurableLedger["setBudget"]>()
    const key = {
      id: "key_one",
      createdMs: 0,
      settings: { ...emptySettings, budgetId: "free" },
    } as Key
    const template = { id: "free", limits: { maxMicroUsd: 1_000_000 } }
    const store = {
      read: async () => [template],
      // The key's row is gone.
      write: async () => undefined,
    } as unknown as Store
    const ledger = { setBudget } as unknown as DurableLedger
    const forget = vi.fn<() => void>()
    await syncTemplate({ store, ledger, now: () => 0, forget }, key)
    expect(setBudget).not.toHaveBeenCalled()
    expect(forget).toHaveBeenCalledOnce()
  })
})
