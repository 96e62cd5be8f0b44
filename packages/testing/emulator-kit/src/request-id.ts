import { hash } from "./random.ts"

/** A UUID that depends only on the seed and the request's number. */
export const requestId = (seed: number, received: number): string => {
  const digits = [0, 1, 2, 3].map((part) =>
    hash(`request ${seed} ${received} ${part}`).toString(16).padStart(8, "0"),
  )
  return digits.join("").replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5")
}
