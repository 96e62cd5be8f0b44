import { cards } from "./families.ts"
import { describeValid } from "./valid-requests.ts"

describeValid(cards.filter((card) => card.tasks["text-to-image"] === undefined))
