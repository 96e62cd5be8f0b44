const [leastMajor, leastMinor] = [22, 18]

/** Throws on a version of Node.js that lacks what this package uses. */
export const checkNodeVersion = (version: string): void => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return
  throw new Error(
    `@pictor/bedrock needs Node.js ${leastMajor}.${leastMinor} or newer, and this is ${version}. Install a newer Node.js.`,
  )
}
