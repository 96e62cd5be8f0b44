import { describe, expect, it } from "vitest"
import { shareEmulator } from "./share.ts"

const count = () => {
  const calls = { started: 0, closed: 0 }
  const shared = shareEmulator(async () => {
    calls.started += 1
    return {
      close: async () => {
        calls.closed += 1
      },
    }
  })
  return { calls, shared }
}

describe("shareEmulator", () => {
  it("starts one emulator for users that come together", async () => {
    const { calls, shared } = count()
    const [first, second] = await Promise.all([shared.use(), shared.use()])
    expect(first).toBe(second)
    expect(calls).toEqual({ started: 1, closed: 0 })
  })

  it("closes the emulator with its last user", async () => {
    const { calls, shared } = count()
    await Promise.all([shared.use(), shared.use()])
    await shared.release()
    expect(calls.closed).toBe(0)
    await shared.release()
    expect(calls.closed).toBe(1)
  })

  it("starts a new emulator after the last user left", async () => {
    const { calls, shared } = count()
    const first = await shared.use()
    await shared.release()
    expect(await shared.use()).not.toBe(first)
    expect(calls.started).toBe(2)
  })

  it("starts again after a start that failed", async () => {
    let attempts = 0
    const shared = shareEmulator(async () => {
      attempts += 1
      if (attempts === 1) throw new Error("the port is taken")
      return { close: async () => {} }
    })
    await expect(shared.use()).rejects.toThrow("the port is taken")
    await expect(shared.use()).resolves.toBeDefined()
  })
})
