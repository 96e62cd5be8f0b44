import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import type { HttpResponse } from "@pictor/openai-http"
import type { RouteHandler } from "../dependencies.ts"

/** The files of Swagger UI, by media type. The page loads nothing from the internet. */
const files: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
}

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Pictor gateway</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`

const start = `SwaggerUIBundle({ url: "openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null })\n`

const headers = {
  "content-security-policy":
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "cache-control": "max-age=3600",
}

const resolve = createRequire(import.meta.url).resolve

const answerOf = (body: Buffer, type: string): HttpResponse => ({
  status: 200,
  headers: { ...headers, "content-type": type },
  parts: [body],
})

/** One buffer for all requests: Swagger UI has 1.7 MB. */
const serveText = (text: string, type: string): RouteHandler => {
  const answer = answerOf(Buffer.from(text), type)
  return () => answer
}

/** Read by the first request. A failed read is repeated. */
const serveFile = (name: string, type: string): RouteHandler => {
  let reading: Promise<HttpResponse> | undefined
  return () => {
    reading ??= readFile(resolve(`swagger-ui-dist/${name}`)).then(
      (body) => answerOf(body, type),
      (error: unknown) => {
        reading = undefined
        throw error
      },
    )
    return reading
  }
}

/** The page of the OpenAPI document, by path. */
export const docsPage = (): Readonly<Record<string, RouteHandler>> => ({
  "/": (context) => context.redirect("docs"),
  "/docs": serveText(page, "text/html; charset=UTF-8"),
  "/docs/start.js": serveText(start, "text/javascript; charset=utf-8"),
  ...Object.fromEntries(
    Object.entries(files).map(([name, type]) => [`/docs/${name}`, serveFile(name, type)]),
  ),
})
