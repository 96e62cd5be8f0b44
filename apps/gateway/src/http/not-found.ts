import type { Hono } from "hono"
import type { WebEnv } from "../dependencies.ts"
import type { Problem } from "./errors.ts"

const nowhere: Problem = {
  status: 404,
  code: "unknown_url",
  message:
    "There is nothing at this path. The gateway's README lists the routes of keys, budgets and reports.",
}

const fits = (pattern: string, path: string): boolean => {
  const [wanted, given] = [pattern.split("/"), path.split("/")]
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith(":") || part === given[index])
  )
}

/** What to say of a request that no route took: is there another method for its path? */
export const elsewhere = ({ routes }: Pick<Hono<WebEnv>, "routes">, path: string): Problem => {
  const methods = [
    ...new Set(
      routes.flatMap(({ method, path: pattern }) =>
        method !== "ALL" && fits(pattern, path) ? [method] : [],
      ),
    ),
  ]
  if (methods.length === 0) return nowhere
  const allow = methods
    .flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]))
    .join(", ")
  return {
    status: 405,
    code: "method_not_allowed",
    message: `This path takes ${methods.join(" and ")} only.`,
    allow,
  }
}
