// @vitest-environment happy-dom
import { generateImage, toServerSentEventsResponse } from "@tanstack/ai"
import { type UseGenerateImageReturn, useGenerateImage } from "@tanstack/ai-react"
import { act, createElement } from "react"
import { createRoot } from "react-dom/client"
import { describe, expect, it } from "vitest"
import { onEmulator } from "./__fixtures__/emulator.ts"
import { createPictorImage } from "./adapter.ts"

const prompt = "Sri lanka tea plantation."

type Fetcher = NonNullable<Parameters<typeof useGenerateImage>[0]["fetcher"]>

interface Props {
  readonly fetcher: Fetcher
  readonly onRender: (hook: UseGenerateImageReturn) => void
}

const Gallery = ({ fetcher, onRender }: Props) => {
  onRender(useGenerateImage({ fetcher }))
  return null
}

/** The hook after one generation. */
const generated = async (fetcher: Fetcher): Promise<UseGenerateImageReturn | undefined> => {
  const renders: UseGenerateImageReturn[] = []
  const onRender: Props["onRender"] = (hook) => renders.push(hook)
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const root = createRoot(document.createElement("div"))
  act(() => root.render(createElement(Gallery, { fetcher, onRender })))
  await act(async () => renders.at(-1)?.generate({ prompt, numberOfImages: 2, size: "16:9" }))
  const last = renders.at(-1)
  act(() => root.unmount())
  return last
}

describe("useGenerateImage", () => {
  it.each([false, true])("shows the images of a server function, streamed: %s", async (stream) => {
    await using world = onEmulator()
    const pictorImage = createPictorImage(world.pictor)
    const hook = await generated(async ({ prompt: words, ...input }) => {
      const adapter = pictorImage<string>("stability.stable-image-core-v1:1")
      const call = { adapter, prompt: words, ...input, debug: false } as const
      return stream
        ? toServerSentEventsResponse(generateImage({ ...call, stream: true }))
        : generateImage(call)
    })
    expect(hook).toMatchObject({ error: undefined, status: "success" })
    expect(hook?.result?.images).toHaveLength(2)
    expect(hook?.result?.usage).toMatchObject({
      billed: { quantity: 2, unit: "images" },
      cost: 0.08,
    })
  })

  it("shows the error of a request that cannot be sent", async () => {
    await using world = onEmulator()
    const pictorImage = createPictorImage(world.pictor)
    const hook = await generated(async ({ prompt: words }) => {
      const adapter = pictorImage("acme.none")
      return toServerSentEventsResponse(
        generateImage({ adapter, prompt: words, debug: false, stream: true }),
      )
    })
    expect(hook?.error?.message).toContain("acme.none")
    expect(hook?.result).toBeNull()
  })
})
