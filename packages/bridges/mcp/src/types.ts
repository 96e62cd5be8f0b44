import type { Account, ImageOps, ImageStore, Ledger, Pictor } from "@pictor/core"
import type { FetchImage } from "@pictor/core/host"

export interface PictorMcpOptions {
  readonly pictor: Pictor
  /** Keeps the images, and says the URL of each: a reply has links, never the images. */
  readonly imageStore: ImageStore
  /** Makes previews, and reads the transparent pixels of masks and images. */
  readonly imageOps?: ImageOps
  /** Reads an input image by its URL, such as one that the store gave. */
  readonly fetchImage?: FetchImage
  /** The ledger of the client, for `spend_report`. */
  readonly ledger?: Ledger
  /** In dollars, for all requests until the process ends. An unknown price is rejected then. */
  readonly budgetUsd?: number
  /** In dollars. A dearer request needs the consent of the person at the client. */
  readonly confirmAboveUsd?: number
  /** Who is charged in the ledger. */
  readonly account?: Account
}
