import { describe, expect, it } from "vitest"
import { everyModelPage } from "./every-model.ts"
import { movingPage } from "./moving.ts"

const docs = "../../../../../docs"

describe("the generated pages of docs", () => {
  it.each([
    ["one-request-every-model.md", everyModelPage],
    ["moving-from-titan-or-nova-canvas.md", movingPage],
  ])("has a current %s; pnpm pages updates it", async (name, page) => {
    await expect(await page()).toMatchFileSnapshot(`${docs}/${name}`)
  })
})
