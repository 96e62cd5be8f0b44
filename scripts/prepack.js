// Runs in a package's folder before it is packed: a package without its build must not be published.
import { execSync } from "node:child_process"
import { existsSync } from "node:fs"

if (!existsSync("dist/index.js")) execSync("npm run build", { stdio: "inherit" })
if (!existsSync("dist/index.js")) throw new Error("dist/index.js is missing after the build")
