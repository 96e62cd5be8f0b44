import { describe, expect, it } from "vitest"
import { usePlaces } from "./__fixtures__/places.ts"
import { openWorld } from "./__fixtures__/world.ts"

const places = usePlaces()

for (const [name, place] of places.all)
  describe(`GET /key/info on ${name}`, () => {
    it("reports what is spent, may be spent and is reserved, each on its own", async () => {
      const { send, ledger, close } = await openWorld(await place())
      const { body } = await send("/key/generate", { max_budget: 1 })
      const reserve = async (microUsd: number): Promise<string> => {
        const cost = { microUsd, maybeMicroUsd: 0, unpricedImages: 0 }
        const row = {
          model: "model-a",
          provider: "acme",
          task: "text-to-image",
          images: 1,
          cost,
        } as const
        const { ids } = await ledger.reserve({ rows: [row], account: { key: body.token } })
        return String(ids[0])
      }
      const info = async () => (await send(`/key/info?key=${body.token}`)).body.info as unknown
      const nothing = { spend: 0, maybe_spend: 0, reserved_spend: 0, images: 0 }
      expect(await info()).toMatchObject(nothing)
      const id = await reserve(30_000)
      await ledger.settle(id, {
        cost: { microUsd: 20_000, maybeMicroUsd: 0, unpricedImages: 0 },
        delivered: 1,
      })
      await ledger.hold(await reserve(40_000))
      await reserve(50_000)
      expect(await info()).toMatchObject({
        spend: 0.02,
        maybe_spend: 0.04,
        reserved_spend: 0.05,
        provider_spend: { acme: 0.02 },
      })
      await close()
    })
  })
