type Layer<Value, Out> = (value: Value, next: (value: Value) => Promise<Out>) => Promise<Out>

/** One function out of layers and a core; the first layer is the outermost. */
export const compose = <Value, Out>(layers: readonly Layer<Value, Out>[], core: (value: Value) => Promise<Out>): ((value: Value) => Promise<Out>) =>
  layers.reduceRight<(value: Value) => Promise<Out>>((next, layer) => (value) => layer(value, next), core)
