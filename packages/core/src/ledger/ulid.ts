const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const after = (digit: string): string => alphabet.charAt(alphabet.indexOf(digit) + 1)

const timeOf = (nowMs: number): string => {
  let text = ""
  for (let rest = nowMs; text.length < 10; rest = Math.floor(rest / 32))
    text = alphabet.charAt(rest % 32) + text
  return text
}

/**
 * Generates ULIDs that sort by creation, even if the clock stands still or steps back.
 * https://github.com/ulid/spec, seen 2026-11-20
 */
export const ulids = (now: () => number, random: () => number): (() => string) => {
  let last = ""
  return () => {
    const time = timeOf(now())
    // Increment the last one: trailing highest digits turn to 0 and the digit before them grows.
    if (time <= last.slice(0, 10))
      last = last.replace(/[^Z]Z*$/, (tail) => after(tail.charAt(0)) + "0".repeat(tail.length - 1))
    else
      last = Array.from({ length: 16 }).reduce<string>(
        (id) => id + alphabet.charAt(Math.floor(random() * 32)),
        time,
      )
    return last
  }
}
