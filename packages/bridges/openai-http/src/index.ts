export type { Answer, Limits, OpenaiHttp, OpenaiHttpOptions, PublicModel, RequestContext } from "./types.ts"
