import { library } from "../../tsup.config.base.ts"

// There is no "sqlite" without "node:".
export default library({ removeNodeProtocol: false })
