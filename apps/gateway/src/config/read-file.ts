import { readFile } from "node:fs/promises"
import { dirname, isAbsolute, resolve } from "node:path"
import { ImageError } from "@pictor/core"
import { LineCounter, parseDocument, type ScalarTag, type Tags } from "yaml"
import { isList, isYamlObject, kindOf, type YamlObject } from "./yaml-object.ts"

const reject = (message: string, cause?: unknown): never => {
  throw new ImageError({
    code: "invalid_request",
    message,
    ...(cause === undefined ? {} : { cause }),
  })
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
    return tag.test.test("y")
      ? { ...tag, test: yes }
      : tag.test.test("n")
        ? { ...tag, test: no }
        : tag
  })

/**
 * YAML 1.1 as Python's reader accepts it, with `yes`, `no` and merge keys. Messages give the place and
 * no text of the file, which may contain a secret.
 */
const parse = (text: string, path: string): YamlObject => {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: "1.1",
    customTags: withoutLetters,
    lineCounter: lines,
    prettyErrors: false,
  })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0])
    reject(`${path}:${line}:${col}: invalid YAML: ${problem.message}`)
  }
  let value: unknown
  try {
    value = document.toJS()
  } catch {
    reject(`${path}: the aliases (*name) cannot be resolved.`)
  }
  if (value === null || value === undefined) return {}
  return isYamlObject(value)
    ? value
    : reject(`${path} contains ${kindOf(value)}. A configuration is a mapping with model_list.`)
}

const includesOf = (tree: YamlObject, path: string): readonly string[] => {
  const included = tree["include"] ?? []
  if (
    isList(included) &&
    included.every((each): each is string => typeof each === "string" && each !== "")
  )
    return included
  return reject(`${path}: include must be a list of file names, for example [models.yaml].`)
}

/** Joins lists and merges mappings. Other values of the included file have precedence. */
const merged = (own: unknown, included: unknown): unknown => {
  if (isList(own) && isList(included)) return [...own, ...included]
  if (isYamlObject(own) && isYamlObject(included))
    return Object.fromEntries([
      ...Object.entries(own),
      ...Object.entries(included).map(
        ([key, value]) => [key, Object.hasOwn(own, key) ? merged(own[key], value) : value] as const,
      ),
    ])
  return included
}

const readTree = async (path: string, above: readonly string[]): Promise<YamlObject> => {
  if (above.includes(path))
    reject(
      `These files include each other: ${[...above.slice(above.indexOf(path)), path].join(" → ")}.`,
    )
  const { include: _include, ...own } = parse(await readText(path, above.at(-1)), path)
  let tree: YamlObject = own
  for (const name of includesOf({ include: _include }, path)) {
    const other = await readTree(isAbsolute(name) ? name : resolve(dirname(path), name), [
      ...above,
      path,
    ])
    const both = merged(tree, other)
    tree = isYamlObject(both) ? both : tree
  }
  return tree
}

/** Reads a file and the files that it includes. Throws `invalid_request` with file, line and column. */
export const readConfigFile = (path: string): Promise<YamlObject> => readTree(resolve(path), [])
