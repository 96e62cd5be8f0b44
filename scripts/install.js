// Plain JavaScript that the machine's own Node can read: it installs the Node that the rest needs.
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"

/**
 * `node scripts/install.js @pictor/example` installs what that package needs to run and nothing
 * else. Without a name, or where everything is installed already, it installs everything.
 */
const [name] = process.argv.slice(2)
const scope =
  name !== undefined && !existsSync("node_modules/vitest")
    ? ["--prod", "--filter", ".", "--filter", `${name}...`]
    : []

// `node --run` has no pnpm. Who uses it has installed everything.
const pnpm = process.env["npm_execpath"]
if (pnpm !== undefined) {
  if (!existsSync("node_modules"))
    console.log("Installing what this command needs. The first time takes a minute.")
  const words = ["install", "--frozen-lockfile", "--reporter=silent", ...scope]
  execFileSync(pnpm, words, { stdio: "inherit" })
}
