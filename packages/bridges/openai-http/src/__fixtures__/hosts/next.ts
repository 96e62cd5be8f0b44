import { openaiHttp } from "@pictor/openai-http"
import { pictor } from "./pictor.ts"

const openai = openaiHttp({ pictor, basePath: "/api" })
const handle = (request: Request) => openai.fetch(request)

export { handle as GET, handle as POST }
