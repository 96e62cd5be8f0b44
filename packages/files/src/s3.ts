export {
  type CreateS3Store,
  type ListingS3Store,
  type S3Store,
  type S3StoreOptions,
  s3Store,
} from "./s3-store.ts"
