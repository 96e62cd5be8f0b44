import { library } from "../../tsup.config.base.ts"

/** Two builds: what is shared between entries of one is split into further files, and each file costs the start of a process. */
export default [
  library({ entry: ["src/index.ts", "src/on-demand.ts"], clean: ["!ledger-kit*"] }),
  library({ entry: ["src/ledger-kit.ts"], clean: false }),
]
