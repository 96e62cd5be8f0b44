import { describe, expect, it } from "vitest"
import { studio } from "./__fixtures__/studio.ts"

describe("an unknown option of openaiHttp", () => {
  it.each([
    [{ imageStor: undefined, imagStore: {} }, /openaiHttp has no option "imagStore".*"imageStore"/],
    [
      { limits: { bodyByte: 1 } },
      /openaiHttp\(\{ limits \}\) has no option "bodyByte".*"bodyBytes"/,
    ],
  ])("is rejected with the nearest name: %j", (bridge, message) => {
    expect(() => studio({ bridge: bridge as object })).toThrow(message)
  })
})
