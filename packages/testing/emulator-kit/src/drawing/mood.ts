import { type Color, color, mix } from "./pixels.ts"

/** The colours of a scene. */
export type Mood = {
  readonly skyTop: Color
  readonly skyFoot: Color
  readonly sun: Color
  readonly haze: Color
  readonly hill: Color
  readonly near: Color
  readonly night: boolean
}

/** Chooses the colours by the prompt's words, or at random. */
export const promptMood = (prompt: string, random: () => number): Mood => {
  const chance = random()
  const named = namedMoods.find(([pattern]) => pattern.test(prompt))?.[1]
  return named ?? dayMoods[Math.floor(chance * dayMoods.length)] ?? dawn
}

/**
 * Spreads the requested colours over the scene, from the lightest at the horizon to the darkest in
 * front.
 */
export const guidedMood = (colors: readonly string[]): Mood => {
  const sorted = colors.map(color).toSorted((left, right) => lightness(right) - lightness(left))
  const pick = (share: number): Color =>
    sorted[Math.round(share * (sorted.length - 1))] ?? [128, 128, 128]
  return {
    skyTop: pick(0.4),
    skyFoot: mix(pick(0), [255, 255, 255], 0.25),
    sun: mix(pick(0), [255, 255, 255], 0.7),
    haze: pick(0.25),
    hill: pick(0.6),
    near: mix(pick(1), [0, 0, 0], 0.25),
    night: false,
  }
}

const mood = (
  skyTop: string,
  skyFoot: string,
  sun: string,
  haze: string,
  hill: string,
  near: string,
): Mood => ({
  skyTop: color(skyTop),
  skyFoot: color(skyFoot),
  sun: color(sun),
  haze: color(haze),
  hill: color(hill),
  near: color(near),
  night: false,
})

const dawn = mood("#5b83b6", "#fbd9a8", "#fff4d2", "#b7a9b4", "#5f9d57", "#1f5a38")

const noon = mood("#3f97d8", "#dff2ee", "#fffbe3", "#9fc6d2", "#6dae4a", "#22693a")

const dusk = mood("#3a2a63", "#f58e5f", "#ffdf8e", "#a8627c", "#5d5f4f", "#1c2f38")

const mist = mood("#8db0bd", "#f2f0e2", "#fffdf2", "#b8ccc8", "#6b9f6e", "#2a5f4c")

const autumn = mood("#6ea3c4", "#fde9c4", "#fff3cc", "#ccb79d", "#c08437", "#6e3f1d")

const night: Mood = {
  ...mood("#0a1130", "#3a4f86", "#f6f1d8", "#3c4e80", "#27506a", "#0c2230"),
  night: true,
}

const dayMoods: readonly Mood[] = [dawn, noon, dusk, mist]

const namedMoods: readonly (readonly [RegExp, Mood])[] = [
  [/\b(night|moon|stars?|midnight|dark)/i, night],
  [/\b(sunset|dusk|evening|neon)/i, dusk],
  [/\b(sunrise|dawn|morning)/i, dawn],
  [/\b(mist|fog|rain|cloud|winter|snow)/i, mist],
  [/\b(autumn|desert|canyon|sand|wheat|savanna)/i, autumn],
]

const lightness = ([red, green, blue]: Color): number => 0.3 * red + 0.59 * green + 0.11 * blue
