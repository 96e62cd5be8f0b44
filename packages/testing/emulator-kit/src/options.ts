/** Throws for an option that `owner` does not have: a misspelt one would have no effect. */
export const checkNames = (
  owner: string,
  options: object,
  names: Readonly<Record<string, true>>,
): void => {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name))
  if (unknown !== undefined)
    throw new TypeError(
      `${owner} has no option "${unknown.slice(0, 60)}". It has ${Object.keys(names).join(", ")}.`,
    )
}
