import { library } from "../../tsup.config.base.ts"

// There is no "sqlite" without "node:".
export default library({ entry: ["src/index.ts", "src/s3.ts"], removeNodeProtocol: false })
