/**
 * A function that works out its answer for each object once.
 * @__NO_SIDE_EFFECTS__
 */
export const memo = <Key extends object, Answer>(work: (key: Key) => Answer): ((key: Key) => Answer) => {
  const known = new WeakMap<Key, Answer>()
  return (key) => {
    const answer = known.get(key) ?? work(key)
    known.set(key, answer)
    return answer
  }
}
