import type { Cost } from "./cost.ts"
import type { Image, Recipe } from "./image.ts"
import type { Account } from "./request.ts"

/** What is known of a stored image. */
export interface ImageAbout {
  /** The card's id. */
  readonly model: string
  /** The UTC day of the request: `2026-11-20`. */
  readonly day: string
  readonly tags: Readonly<Record<string, string>>
  readonly account: Account
  readonly cost: Cost
  /** It has the prompt. A store may leave it out. */
  readonly recipe: Recipe
}

/** Images that match all of it, the newest day first. */
export interface ImageQuery {
  /** UTC days like `2026-11-20`, both inclusive. */
  readonly from?: string
  readonly to?: string
  readonly model?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly account?: Account
  /** Images of a page, 1 to 1,000. Default 100. */
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string
}

export interface ListedImage {
  readonly key: string
  readonly mediaType: string
  readonly byteLength: number
  readonly about: Omit<ImageAbout, "recipe"> & Partial<Pick<ImageAbout, "recipe">>
}

export interface ImagePage {
  readonly images: readonly ListedImage[]
  /** Absent on the last page. */
  readonly next?: string
}

/** Stores images after their request has ended. */
export interface ImageStore {
  /** Stores an image, or replaces the one of the same key. Nobody reads a part of it meanwhile. */
  put(key: string, image: Image, about: ImageAbout): Promise<void>
  get(key: string): Promise<{ readonly bytes: Uint8Array; readonly mediaType: string } | undefined>
  /** Undefined for an image that is not stored, and for a store without URLs. */
  url(key: string): Promise<string | undefined>
  /** Only stores with an index have it. */
  list?(query?: ImageQuery): Promise<ImagePage>
}
