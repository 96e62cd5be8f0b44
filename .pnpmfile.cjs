/** pnpm reads `os` and `cpu` as lists only; the packages that carry Node write a string, and would be installed on every platform. */
const platforms = (value) => (typeof value === "string" ? [value] : value)

const readPackage = (manifest) => {
  if (manifest.os) manifest.os = platforms(manifest.os)
  if (manifest.cpu) manifest.cpu = platforms(manifest.cpu)
  return manifest
}

module.exports = { hooks: { readPackage } }
