import { draw, encode, type Pixels } from "@pictor/emulator-kit"

/** A scene as base64. */
export const scene = async (width: number, height: number, prompt = "A harbour"): Promise<string> =>
  (
    await draw({
      width,
      height,
      prompt,
      model: "input",
      task: "",
      detail: "",
      colors: [],
      seed: 1,
      index: 0,
      format: "png",
    })
  ).toString("base64")

/** A picture of one colour as base64. */
export const plain = (
  width: number,
  height: number,
  color: readonly [number, number, number],
): Promise<string> => encoded({ width, height, data: filled(width, height, color) })

/** A white rectangle on black as base64. */
export const mask = (
  width: number,
  height: number,
  isChanged: (x: number, y: number) => boolean,
): Promise<string> => {
  const data = filled(width, height, [0, 0, 0])
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      if (isChanged(x, y)) data.fill(255, (y * width + x) * 3, (y * width + x) * 3 + 3)
  return encoded({ width, height, data })
}

export const encoded = async (pixels: Pixels): Promise<string> =>
  (await encode(pixels, "png")).toString("base64")

const filled = (width: number, height: number, color: readonly number[]): Uint8Array =>
  Uint8Array.from({ length: width * height * 3 }, (_, index) => color[index % 3] ?? 0)

/** The pixels in which two pictures of one size differ, as `x,y`. */
export const differences = (one: Pixels, other: Pixels): readonly (readonly [number, number])[] => {
  const different: (readonly [number, number])[] = []
  for (let index = 0; index < one.width * one.height; index += 1) {
    const isEqual = [0, 1, 2].every(
      (channel) => one.data[index * 3 + channel] === other.data[index * 3 + channel],
    )
    if (!isEqual) different.push([index % one.width, Math.floor(index / one.width)])
  }
  return different
}
