/** @typedef {{ os?: string | string[], cpu?: string | string[] }} Manifest */

/**
 * pnpm reads `os` and `cpu` as lists only; the packages that carry Node write a string, and would be installed on every platform.
 *
 * @param {string | string[]} value
 */
const list = (value) => (typeof value === "string" ? [value] : value)

/** @param {Manifest} manifest */
const readPackage = (manifest) => {
  if (manifest.os) manifest.os = list(manifest.os)
  if (manifest.cpu) manifest.cpu = list(manifest.cpu)
  return manifest
}

module.exports = { hooks: { readPackage } }
