import { createPictor, type Pictor } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { novaCanvas } from "@pictor/nova-canvas"
import type { ImageModel } from "ai"
import type { ImageModel as ImageModel6 } from "ai6"
import { expectTypeOf, test } from "vitest"
import { createPictorProvider } from "./provider.ts"

const client = createPictor({ adapters: [novaCanvas({} as Transport)] })
const provider = createPictorProvider(client)

test("a model fits into the version of ai that it is for", () => {
  expectTypeOf(provider.imageModel("amazon.nova-canvas-v1:0")).toExtend<ImageModel>()
  const older = createPictorProvider(client, { specificationVersion: "v3" })
  expectTypeOf(older.imageModel("amazon.nova-canvas-v1:0")).toExtend<ImageModel6>()
  // @ts-expect-error -- The fourth version is not for ai 6.
  expectTypeOf(provider.imageModel("amazon.nova-canvas-v1:0")).toExtend<ImageModel6>()
})

test("the ids of the client's models are suggested, and any other name is taken", () => {
  type Id = Parameters<typeof provider.imageModel>[0]
  expectTypeOf<"amazon.nova-canvas-v1:0">().toExtend<Id>()
  expectTypeOf<string>().toExtend<Id>()
  const unknown = createPictorProvider(client as Pictor)
  expectTypeOf(unknown.imageModel).parameter(0).toExtend<string>()
})
