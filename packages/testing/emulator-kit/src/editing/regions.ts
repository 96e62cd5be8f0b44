import { type Area, boxArea, ellipseArea } from "../drawing/area.ts"
import type { Rectangle, Size } from "../drawing/pixels.ts"
import { hash, randomNumbers } from "../random.ts"

/** The area for a mask prompt: an ellipse whose place depends only on the text. */
export const areaOfWords = (size: Size, words: string): Area => ellipseArea(size, boxOfWords(words))

/** The rectangle around that ellipse. */
export const boxAreaOfWords = (size: Size, words: string): Area => boxArea(size, boxOfWords(words))

const boxOfWords = (words: string): Rectangle => {
  const random = randomNumbers(hash(words.trim().toLowerCase()))
  const [width, height] = [0.3 + 0.2 * random(), 0.3 + 0.2 * random()]
  return { left: (1 - width) * random(), top: (1 - height) * random(), width, height }
}
