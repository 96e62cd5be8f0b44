type Known<Value> = {
  [Key in keyof Value as undefined extends Value[Key] ? never : Key]: Value[Key]
} & {
  [Key in keyof Value as undefined extends Value[Key] ? Key : never]?: Exclude<
    Value[Key],
    undefined
  >
}

/** Omits undefined fields, which exact optional types do not accept. */
export const defined = <Value extends object>(value: Value): Known<Value> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Known<Value>
