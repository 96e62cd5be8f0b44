const known: ReadonlySet<string> = new Set([
  "images/generations",
  "images/edits",
  "images/plan",
  "models",
  "files",
  "docs",
  "openapi.json",
  "metrics",
  "health",
  "key",
  "spend",
  "budget",
])

/** The kind of a path, out of a short list, so that it can be a label: `/openai/deployments/any/images/edits` is `images/edits`. */
export const routeOf = (path: string): string => {
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== "v1")
  const rest =
    segments[0] === "openai" && segments[1] === "deployments" ? segments.slice(-2) : segments
  const [first = "", second = ""] = rest
  const both = `${first}/${second}`
  return known.has(both) ? both : known.has(first) ? first : "other"
}
