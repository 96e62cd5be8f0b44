import { readFile } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { ImageError } from "@pictor/core"
import { type Document, LineCounter, parseDocument, type ScalarTag, type Tags } from "yaml"
import { isList, isYamlObject, kindOf, type YamlObject } from "./yaml-object.ts"

const reject = (message: string, cause?: unknown): never => {
  throw new ImageError({ code: "invalid_request", message, ...(cause !== undefined && { cause }) })
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code

const readText = async (path: string, from: string | undefined): Promise<string> => {
  try {
    return await readFile(path, "utf8")
  } catch (error) {
    const included = from === undefined ? "" : `, included by ${from},`
    if (hasCode(error, "ENOENT")) return reject(`${path}${included} does not exist.`)
    if (hasCode(error, "EISDIR")) return reject(`${path}${included} is a folder. Name a YAML file.`)
    return reject(`${path}${included} cannot be read.`, error)
  }
}

const yes = /^(?:[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/
const no = /^(?:[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/

const isScalarTag = (tag: Tags[number]): tag is ScalarTag =>
  typeof tag === "object" && tag.collection === undefined

/** Python's YAML reader reads a single y or n as a string. */
const withoutLetters = (tags: Tags): Tags =>
  tags.map((tag) => {
    if (!isScalarTag(tag) || tag.test === undefined) return tag
    if (tag.test.test("y")) return { ...tag, test: yes }
    return tag.test.test("n") ? { ...tag, test: no } : tag
  })

const toJs = (document: Document.Parsed, path: string): unknown => {
  try {
    return document.toJS()
  } catch {
    return reject(`${path}: the aliases (*name) cannot be resolved.`)
  }
}

/**
 * YAML 1.1 as Python's reader accepts it, with `yes`, `no` and merge keys. Messages give the place
 * and no text of the file, which may contain a secret.
 */
const parse = (text: string, path: string): YamlObject => {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: "1.1",
    customTags: withoutLetters,
    lineCounter: lines,
    prettyErrors: false,
  })
  const [error] = [...document.errors, ...document.warnings]
  if (error) {
    const { line, col } = lines.linePos(error.pos[0])
    reject(`${path}:${line}:${col}: invalid YAML: ${error.message}`)
  }
  const value = toJs(document, path)
  if (value === null || value === undefined) return {}
  return isYamlObject(value)
    ? value
    : reject(`${path} contains ${kindOf(value)}. A configuration is a mapping with model_list.`)
}

const includesOf = (file: YamlObject, path: string): readonly string[] => {
  const names = file["include"] ?? []
  const isName = (each: unknown): each is string => typeof each === "string" && each !== ""
  return isList(names) && names.every(isName)
    ? names
    : reject(`${path}: include must be a list of file names, for example [models.yaml].`)
}

/** Joins lists and merges mappings. Other values of the included file have precedence. */
const merge = (own: YamlObject, included: YamlObject): YamlObject =>
  Object.fromEntries([
    ...Object.entries(own),
    ...Object.entries(included).map(([key, value]) => {
      const earlier = Object.hasOwn(own, key) ? own[key] : undefined
      if (isList(earlier) && isList(value)) return [key, [...earlier, ...value]] as const
      const isNested = isYamlObject(earlier) && isYamlObject(value)
      return [key, isNested ? merge(earlier, value) : value] as const
    }),
  ])

const readWithIncludes = async (
  path: string,
  includedBy: readonly string[],
): Promise<YamlObject> => {
  if (includedBy.includes(path)) {
    const circle = [...includedBy.slice(includedBy.indexOf(path)), path]
    reject(`These files include each other: ${circle.join(" → ")}.`)
  }
  const file = parse(await readText(path, includedBy.at(-1)), path)
  const { include: _include, ...own } = file
  let merged: YamlObject = own
  for (const name of includesOf(file, path))
    merged = merge(
      merged,
      await readWithIncludes(resolve(dirname(path), name), [...includedBy, path]),
    )
  return merged
}

/** Reads a file with its includes. Throws `invalid_request` with file, line and column. */
export const readConfigFile = (path: string): Promise<YamlObject> =>
  readWithIncludes(resolve(path), [])
