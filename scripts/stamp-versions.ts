import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { readWorkspace, root } from "./workspace.ts"

/**
 * An adapter says its version to recipes, and cannot read its own package.json (it runs in
 * browsers): the literal is stamped here.
 */
for (const { folder, manifest } of readWorkspace()) {
  if (!folder.startsWith("packages/adapters/")) continue
  const path = join(root, folder, "src/index.ts")
  const source = readFileSync(path, "utf8")
  writeFileSync(path, source.replace(/\bversion: "[^"]*"/, `version: "${manifest.version}"`))
}
