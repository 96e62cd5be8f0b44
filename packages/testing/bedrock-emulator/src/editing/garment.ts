import {
  type Area,
  boxArea,
  ellipseArea,
  type Rectangle,
  type Size,
  without,
} from "@pictor/emulator-kit"

/** The place of a garment on a person in the middle of the picture. */
export const areaOfGarment = (
  size: Size,
  garmentClass: string,
  shape: string | undefined,
): Area => {
  const box = garmentBoxes.find(([pattern]) => pattern.test(garmentClass))?.[1] ?? upperBody
  return shape === "CONTOUR" ? ellipseArea(size, box) : boxArea(size, box)
}

/** Removes face and hands from the area if they are to be preserved. */
export const withoutPreserved = (area: Area, preserved: readonly string[]): Area =>
  preserved
    .flatMap((name) => bodyParts[name] ?? [])
    .reduce<Area>((rest, box) => without(rest, ellipseArea(area, box)), area)

const upperBody: Rectangle = { left: 0.28, top: 0.2, width: 0.44, height: 0.34 }

const garmentBoxes: readonly (readonly [RegExp, Rectangle])[] = [
  [/^(FOOTWEAR|SHOES|BOOTS|OTHER_FOOTWEAR)$/, { left: 0.32, top: 0.86, width: 0.36, height: 0.13 }],
  [/^SHORT_PANTS$/, { left: 0.32, top: 0.5, width: 0.36, height: 0.2 }],
  [
    /^(LOWER_BODY|LONG_PANTS|OTHER_LOWER_BODY)$/,
    { left: 0.32, top: 0.5, width: 0.36, height: 0.4 },
  ],
  [/^SHORT_DRESS$/, { left: 0.28, top: 0.2, width: 0.44, height: 0.48 }],
  [
    /^(FULL_BODY|LONG_DRESS|FULL_BODY_OUTFIT|OTHER_FULL_BODY)$/,
    { left: 0.26, top: 0.2, width: 0.48, height: 0.7 },
  ],
  [/^LONG_SLEEVE_SHIRT$/, { left: 0.2, top: 0.2, width: 0.6, height: 0.36 }],
  [/^NO_SLEEVE_SHIRT$/, { left: 0.34, top: 0.2, width: 0.32, height: 0.34 }],
]

const bodyParts: { readonly [name: string]: readonly Rectangle[] } = {
  preserveFace: [{ left: 0.38, top: 0.02, width: 0.24, height: 0.2 }],
  preserveHands: [
    { left: 0.16, top: 0.44, width: 0.12, height: 0.12 },
    { left: 0.72, top: 0.44, width: 0.12, height: 0.12 },
  ],
}
