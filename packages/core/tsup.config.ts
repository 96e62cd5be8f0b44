import { library } from "../../tsup.config.base.ts"

/** What a plain request for a picture does without stands in files of its own, each loaded with the first request that needs it. */
const onDemand = ["sending/accounting", "inputs/input-images", "planning/own-words", "sending/rings"]

export default library({ entry: ["index", "ledger-kit", ...onDemand].map((name) => `src/${name}.ts`) })
