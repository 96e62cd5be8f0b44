import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import type { Hono } from "hono"
import type { WebEnv } from "../dependencies.ts"

/** The files of Swagger UI that the page needs; everything is served from here, nothing from the internet. */
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

/** The page that shows the OpenAPI document, at `/docs`; `/` leads there. */
export const addPage = (app: Hono<WebEnv>): void => {
  app.get("/", (context) => context.redirect("docs"))
  app.get("/docs", (context) => context.html(page, 200, headers))
  app.get("/docs/start.js", (context) =>
    context.body(start, 200, { ...headers, "content-type": "text/javascript; charset=utf-8" }),
  )
  for (const [name, type] of Object.entries(files))
    app.get(`/docs/${name}`, async (context) =>
      context.body(Uint8Array.from(await readFile(resolve(`swagger-ui-dist/${name}`))), 200, {
        ...headers,
        "content-type": type,
      }),
    )
}
