const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

/** Makes ULIDs that sort in the order they were made, even where the clock stands still or steps back. https://github.com/ulid/spec, seen 2026-11-20 */
export const ulids = (now: () => number, random: () => number): (() => string) => {
  let last = ""
  return () => {
    const time = now().toString(32).padStart(10, "0")
    // One more than the last: its trailing highest digits turn over, and the digit before them grows.
    if (time <= last.slice(0, 10)) last = last.replace(/[^v]v*$/, (tail) => (Number.parseInt(tail, 32) + 1).toString(32))
    else last = time + Array.from({ length: 16 }, () => Math.floor(random() * 32).toString(32)).join("")
    return last.replace(/./g, (digit) => alphabet[Number.parseInt(digit, 32)] ?? "")
  }
}
