/**
 * A function that works out its answer for each object once.
 * @__NO_SIDE_EFFECTS__
 */
export const memo = <Key extends object, Answer>(
  work: (key: Key) => Answer,
): ((key: Key) => Answer) => {
  const known = new WeakMap<Key, Answer>()
  return (key) => {
    const found = known.get(key)
    if (found !== undefined) return found
    const answer = work(key)
    known.set(key, answer)
    return answer
  }
}
