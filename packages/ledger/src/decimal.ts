/** An exact decimal: `digits` × 10^-`places`. */
export interface Decimal {
  readonly digits: bigint
  readonly places: number
}

/** Undefined if the text is not a number. An empty text is 0, as in an invoice. */
export const readDecimal = (text: string): Decimal | undefined => {
  const [all, sign, whole = "", part = "", exponent = "0"] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim()) ?? []
  if (all === undefined || (all !== "" && whole + part === "")) return undefined
  const places = part.length - Number(exponent)
  const digits = BigInt(`${whole}${part}` || "0") * 10n ** BigInt(Math.max(0, -places))
  return { digits: sign === "-" ? -digits : digits, places: Math.max(0, places) }
}

export const addDecimals = (first: Decimal, second: Decimal): Decimal => {
  const places = Math.max(first.places, second.places)
  const scaled = ({ digits, places: own }: Decimal): bigint => digits * 10n ** BigInt(places - own)
  return { digits: scaled(first) + scaled(second), places }
}

/** Units of 10^-`toPlaces`, rounded half away from zero. */
export const roundDecimal = ({ digits, places }: Decimal, toPlaces: number): number => {
  if (places <= toPlaces) return Number(digits * 10n ** BigInt(toPlaces - places))
  const unit = 10n ** BigInt(places - toPlaces)
  const half = digits < 0n ? -unit / 2n : unit / 2n
  return Number((digits + half) / unit)
}

export const decimalText = ({ digits, places }: Decimal): string => {
  const text = String(digits < 0n ? -digits : digits).padStart(places + 1, "0")
  const whole = text.slice(0, text.length - places)
  const part = text.slice(text.length - places).replace(/0+$/, "")
  return `${digits < 0n ? "-" : ""}${whole}${part === "" ? "" : `.${part}`}`
}
