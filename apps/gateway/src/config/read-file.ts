import { readFile } from "node:fs/promises"
import { dirname, isAbsolute, resolve } from "node:path"
import { ImageError } from "@pictor/core"
import { LineCounter, parseDocument, type ScalarTag, type Tags } from "yaml"
import { isList, isTree, kindOf, type Tree } from "./yaml-object.ts"

const refuse = (message: string, cause?: unknown): never => {
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
    const included = from === undefined ? "" : `, which ${from} includes,`
    if (hasCode(error, "ENOENT")) return refuse(`${path}${included} does not exist.`)
    if (hasCode(error, "EISDIR")) return refuse(`${path}${included} is a folder; name a YAML file.`)
    return refuse(`${path}${included} cannot be read.`, error)
  }
}

const yes = /^(?:[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/
const no = /^(?:[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/

const isScalarTag = (tag: Tags[number]): tag is ScalarTag =>
  typeof tag === "object" && tag.collection === undefined

/** Python's reader takes a lone y or n for a text. */
const withoutLetters = (tags: Tags): Tags =>
  tags.map((tag) => {
    if (!isScalarTag(tag) || tag.test === undefined) return tag
    return tag.test.test("y")
      ? { ...tag, test: yes }
      : tag.test.test("n")
        ? { ...tag, test: no }
        : tag
  })

/** YAML as Python's reader takes it: 1.1, with `yes`, `no` and merge keys. The messages say where, and quote nothing: a line may hold a secret. */
const parse = (text: string, path: string): Tree => {
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
    refuse(`${path}:${line}:${col}: this is no YAML that can be read: ${problem.message}`)
  }
  let value: unknown
  try {
    value = document.toJS()
  } catch {
    refuse(`${path}: its aliases (*name) cannot be resolved.`)
  }
  if (value === null || value === undefined) return {}
  return isTree(value)
    ? value
    : refuse(`${path} holds ${kindOf(value)}; a configuration is a mapping with model_list.`)
}

const includesOf = (tree: Tree, path: string): readonly string[] => {
  const included = tree["include"] ?? []
  if (
    isList(included) &&
    included.every((each): each is string => typeof each === "string" && each !== "")
  )
    return included
  return refuse(`${path}: include is a list of file names, for example [models.yaml].`)
}

/** Lists are joined, mappings merged, and of two values the included file's counts. */
const merged = (own: unknown, included: unknown): unknown => {
  if (isList(own) && isList(included)) return [...own, ...included]
  if (isTree(own) && isTree(included))
    return Object.fromEntries([
      ...Object.entries(own),
      ...Object.entries(included).map(
        ([key, value]) => [key, Object.hasOwn(own, key) ? merged(own[key], value) : value] as const,
      ),
    ])
  return included
}

const readTree = async (path: string, above: readonly string[]): Promise<Tree> => {
  if (above.includes(path))
    refuse(
      `These files include one another: ${[...above.slice(above.indexOf(path)), path].join(" → ")}.`,
    )
  const { include: _include, ...own } = parse(await readText(path, above.at(-1)), path)
  let tree: Tree = own
  for (const name of includesOf({ include: _include }, path)) {
    const other = await readTree(isAbsolute(name) ? name : resolve(dirname(path), name), [
      ...above,
      path,
    ])
    const both = merged(tree, other)
    tree = isTree(both) ? both : tree
  }
  return tree
}

/** A configuration file with all that it includes. Throws `invalid_request` that names the file, and line and column where the YAML is wrong. */
export const readConfigFile = (path: string): Promise<Tree> => readTree(resolve(path), [])
