import { dirname, join, normalize } from "node:path/posix"

/** Path → text. */
type Sources = ReadonlyMap<string, string>

/** What a package offers: `@pictor/core/adapter` → `packages/core/src/adapter.ts`. */
export type Entries = ReadonlyMap<string, string>

/** File → the files that name it in an import or in a path to run. */
export type Importers = ReadonlyMap<string, ReadonlySet<string>>

const references = /["'](\.{1,2}\/[^"']+\.ts|@[\w-]+\/[\w/-]+)["']/g

export const importersOf = (sources: Sources, entries: Entries): Importers => {
  const importers = new Map<string, Set<string>>()
  for (const [file, text] of sources)
    for (const [, name = ""] of text.matchAll(references)) {
      const target = name.startsWith(".") ? normalize(join(dirname(file), name)) : entries.get(name)
      if (target === undefined || !sources.has(target)) continue
      importers.set(target, (importers.get(target) ?? new Set()).add(file))
    }
  return importers
}

const isTest = (file: string): boolean => file.endsWith(".test.ts")

/** Tests that reach the file, with the number of imports in between. */
const distances = (file: string, importers: Importers): ReadonlyMap<string, number> => {
  const found = new Map([[file, 0]])
  for (const [at, distance] of found)
    for (const importer of importers.get(at) ?? [])
      if (!found.has(importer)) found.set(importer, distance + 1)
  return new Map([...found].filter(([path]) => isTest(path)))
}

const packageOf = (file: string): string => file.slice(0, file.indexOf("/src/") + 1)

/** Files in the first two stages, and of other packages in the last. */
const [nearest, near, foreign] = [4, 12, 4] as const

/**
 * Stages of tests to run for a file, the nearest tests first. A test that cannot fail is left out.
 */
export const testsNear = (file: string, importers: Importers): readonly (readonly string[])[] => {
  const found = distances(file, importers)
  const rank = (test: string): number =>
    test === file.replace(/\.ts$/, ".test.ts")
      ? 0
      : (found.get(test) ?? 0) + (dirname(test) === dirname(file) ? 0 : 0.5)
  const sorted = [...found.keys()].toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b))
  const own = sorted.filter((test) => packageOf(test) === packageOf(file))
  const others = sorted.filter((test) => packageOf(test) !== packageOf(file))
  return [
    own.slice(0, nearest),
    own.slice(nearest, nearest + near),
    own.slice(nearest + near),
    others.slice(0, foreign),
  ].filter(({ length }) => length > 0)
}
