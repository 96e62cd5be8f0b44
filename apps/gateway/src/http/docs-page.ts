import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
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

const serveFile =
  (name: string, type: string): RouteHandler =>
  async (context) =>
    context.body(Uint8Array.from(await readFile(resolve(`swagger-ui-dist/${name}`))), 200, {
      ...headers,
      "content-type": type,
    })

/** The page of the OpenAPI document, by path. */
export const docsPage: Readonly<Record<string, RouteHandler>> = {
  "/": (context) => context.redirect("docs"),
  "/docs": (context) => context.html(page, 200, headers),
  "/docs/start.js": (context) =>
    context.body(start, 200, { ...headers, "content-type": "text/javascript; charset=utf-8" }),
  ...Object.fromEntries(
    Object.entries(files).map(([name, type]) => [`/docs/${name}`, serveFile(name, type)]),
  ),
}
