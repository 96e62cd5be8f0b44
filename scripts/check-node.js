// Plain JavaScript that any Node since 12 can read: it runs before anything needs a newer one.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Pictor's scripts need Node 22.18 or newer; this is ${process.version}. ` +
      "On Linux (x64, arm64) and Windows (x64) Node 24 comes with `npx -y pnpm@12 install`; elsewhere install it from https://nodejs.org.",
  )
  process.exit(1)
}
