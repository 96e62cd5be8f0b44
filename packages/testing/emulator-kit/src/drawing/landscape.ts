import { hash, randomNumbers } from "../random.ts"
import { type Hills, paintHills, ridgeLine } from "./hills.ts"
import { guidedMood, type Mood, promptMood } from "./mood.ts"
import { createPixels, fillEllipse, fillRectangle, mix, type Pixels } from "./pixels.ts"
import type { Drawing } from "./types.ts"

type Random = () => number

/** Sky, mountains and rows of tea, composed from model, prompt, seed and the picture's index. */
export const landscape = (drawing: Drawing): Pixels =>
  compose(drawing, (random) => promptMood(drawing.prompt, random))

/** The same scene in the requested colours. */
export const coloredLandscape = (drawing: Drawing): Pixels =>
  compose(drawing, () => guidedMood(drawing.colors))

const compose = (drawing: Drawing, chooseMood: (random: Random) => Mood): Pixels => {
  const key = [
    drawing.model,
    drawing.task,
    drawing.prompt,
    drawing.detail,
    drawing.seed,
    drawing.index,
  ].join("\n")
  const random = randomNumbers(hash(key))
  const mood = chooseMood(random)
  const pixels = createPixels(drawing.width, drawing.height)
  paintSky(pixels, mood, random)
  const layers = layerPlan.map((layer) => hillsOf(pixels, layer, mood, random))
  for (const [index, hills] of layers.entries()) {
    const next = layers[index + 1]
    paintHills(pixels, hills, next === undefined ? pixels.height : Math.max(...next.ridge))
    if (index === 2 || index === 3) paintTrees(pixels, hills, mood, random)
  }
  return pixels
}

const paintSky = (pixels: Pixels, mood: Mood, random: Random): void => {
  const { width, height } = pixels
  for (let y = 0; y < height; y += 1) {
    const fill = mix(mood.skyTop, mood.skyFoot, Math.min(1, (y / height) * 1.7) ** 1.15)
    fillRectangle(pixels, { left: 0, top: y, width, height: 1 }, fill, 1)
  }
  if (mood.night) paintStars(pixels, random)
  const unit = Math.min(width, height)
  const sun = { x: width * (0.18 + 0.64 * random()), y: height * (0.16 + 0.18 * random()) }
  for (const [radius, opacity] of sunRings) {
    fillEllipse(
      pixels,
      { ...sun, radiusX: unit * radius, radiusY: unit * radius },
      mood.sun,
      opacity,
    )
  }
  for (let cloud = 0; cloud < 4; cloud += 1) paintCloud(pixels, mood, random)
  paintBirds(pixels, mood, random)
}

/** Radius as a share of the short side, and opacity: halos, then the disc. */
const sunRings = [
  [0.3, 0.07],
  [0.22, 0.08],
  [0.155, 0.1],
  [0.1, 0.16],
  [0.062, 1],
] as const

const paintStars = (pixels: Pixels, random: Random): void => {
  const radius = Math.max(0.6, Math.min(pixels.width, pixels.height) / 700)
  for (let star = 0; star < 90; star += 1) {
    const place = { x: random() * pixels.width, y: random() ** 1.5 * pixels.height * 0.5 }
    fillEllipse(
      pixels,
      { ...place, radiusX: radius, radiusY: radius },
      [255, 255, 240],
      0.3 + 0.7 * random(),
    )
  }
}

const paintCloud = (pixels: Pixels, mood: Mood, random: Random): void => {
  const unit = Math.min(pixels.width, pixels.height)
  const [x, y, size] = [
    random() * pixels.width,
    pixels.height * (0.07 + 0.28 * random()),
    unit * (0.06 + 0.07 * random()),
  ]
  const fill = mix(mood.skyFoot, mood.sun, 0.6)
  const opacity = mood.night ? 0.12 : 0.42
  for (let part = 0; part < 3; part += 1) {
    const shift = size * (part - 1) * (0.8 + 0.5 * random())
    const flat = {
      x: x + shift,
      y: y + size * 0.16 * (random() - 0.5),
      radiusX: size * (1 + random()),
      radiusY: size * 0.13,
    }
    fillEllipse(pixels, flat, fill, opacity)
  }
}

const paintBirds = (pixels: Pixels, mood: Mood, random: Random): void => {
  const unit = Math.min(pixels.width, pixels.height)
  const flock = {
    x: pixels.width * (0.2 + 0.6 * random()),
    y: pixels.height * (0.12 + 0.2 * random()),
  }
  const fill = mix(mood.near, [0, 0, 0], 0.2)
  const thick = Math.max(1, unit / 500)
  for (let bird = 0; bird < 5; bird += 1) {
    const [x, y] = [
      flock.x + unit * 0.22 * (random() - 0.5),
      flock.y + unit * 0.1 * (random() - 0.5),
    ]
    const span = unit * (0.008 + 0.008 * random())
    for (let step = -span; step <= span; step += 0.5) {
      const lift = Math.abs(Math.sin((step / span) * 2.4)) * span * 0.5
      fillEllipse(
        pixels,
        { x: x + step, y: y - lift, radiusX: thick * 0.6, radiusY: thick * 0.6 },
        fill,
        0.6,
      )
    }
  }
}

const hillsOf = (
  pixels: Pixels,
  { shape, depth, bushes }: Layer,
  mood: Mood,
  random: Random,
): Hills => {
  const far = mix(mood.haze, mood.hill, Math.min(1, depth * 1.7))
  const top = mix(far, mood.near, Math.max(0, depth - 0.55) * 1.3)
  const foot = bushes > 0 ? mix(top, mood.near, 0.75) : mix(top, mood.skyFoot, 0.55)
  return {
    ridge: ridgeLine(pixels, shape, random),
    top,
    foot,
    bushes: bushes * Math.min(pixels.width, pixels.height),
  }
}

type Layer = (typeof layerPlan)[number]

/**
 * From the farthest mountains to the slope in front; `depth` 0 is all haze, `bushes` a share of the
 * short side.
 */
const layerPlan = [
  { shape: { base: 0.47, swing: 0.42, waves: 1.7, rugged: true }, depth: 0.05, bushes: 0 },
  { shape: { base: 0.53, swing: 0.3, waves: 2.2, rugged: true }, depth: 0.2, bushes: 0 },
  { shape: { base: 0.58, swing: 0.2, waves: 2, rugged: false }, depth: 0.42, bushes: 0 },
  { shape: { base: 0.64, swing: 0.3, waves: 1.5, rugged: false }, depth: 0.55, bushes: 0.009 },
  { shape: { base: 0.73, swing: 0.36, waves: 1.3, rugged: false }, depth: 0.68, bushes: 0.016 },
  { shape: { base: 0.86, swing: 0.3, waves: 1.1, rugged: false }, depth: 0.9, bushes: 0.03 },
] as const

const paintTrees = (pixels: Pixels, hills: Hills, mood: Mood, random: Random): void => {
  const unit = Math.min(pixels.width, pixels.height)
  const leaves = mix(hills.top, mood.near, 0.7)
  const scale = hills.bushes > 0 ? 0.034 : 0.018
  for (let tree = 0; tree < 7; tree += 1) {
    const x = random() * pixels.width
    const size = unit * scale * (0.7 + 0.6 * random())
    const foot = (hills.ridge[Math.floor(x)] ?? 0) + size * 0.2
    const trunk = {
      left: x - size * 0.05,
      top: foot - size * 1.3,
      width: Math.max(1, size * 0.1),
      height: size * 1.4,
    }
    fillRectangle(pixels, trunk, mix(leaves, [60, 40, 30], 0.5), 1)
    for (const [shift, lift, wide] of crowns) {
      const crown = {
        x: x + size * shift,
        y: foot - size * lift,
        radiusX: size * wide,
        radiusY: size * wide * 0.72,
      }
      fillEllipse(pixels, crown, leaves, 1)
    }
  }
}

/** A tree's three crowns: shift, lift and radius in the tree's size. */
const crowns = [
  [-0.32, 1.3, 0.42],
  [0.34, 1.4, 0.4],
  [0, 1.75, 0.5],
] as const
