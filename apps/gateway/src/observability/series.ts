import { Counter, Histogram, type Registry } from "prom-client"

/** What belongs to some values, and what to those that begin with them. */
interface Branch<Leaf> {
  leaf?: Leaf
  readonly below: Map<string, Branch<Leaf>>
}

/** One leaf for each combination of values, made when it is first asked for. */
const byValues = <Leaf>(
  make: (values: readonly string[]) => Leaf,
): ((values: readonly string[]) => Leaf) => {
  const root: Branch<Leaf> = { below: new Map() }
  return (values) => {
    let branch = root
    for (const value of values) {
      const next = branch.below.get(value) ?? { below: new Map() }
      if (!branch.below.has(value)) branch.below.set(value, next)
      branch = next
    }
    branch.leaf ??= make(values)
    return branch.leaf
  }
}

type ValuesOf<Names extends readonly string[]> = { readonly [Index in keyof Names]: string }

interface Named<Names extends readonly string[]> {
  readonly name: string
  readonly help: string
  /** Default: none. */
  readonly labelNames?: Names
  readonly registers: Registry[]
}

interface Count {
  readonly labels: Readonly<Record<string, string>>
  amount: number
}

const register = (named: Named<readonly string[]>, counts: readonly Count[]): Counter =>
  new Counter({
    ...named,
    collect() {
      this.reset()
      for (const { labels, amount } of counts) this.inc(labels, amount)
    },
  })

/**
 * A counter, to be told how much and with which values of its labels. It counts by itself, and tells Prometheus' client when that is asked: there every
 * single step would check and join the labels.
 */
export const counterOf = <const Names extends readonly string[] = []>(named: Named<Names>) => {
  const { labelNames = [] } = named
  const counts: Count[] = []
  const countOf = byValues((values) => {
    const count = {
      labels: Object.fromEntries(labelNames.map((name, at) => [name, values[at] ?? ""])),
      amount: 0,
    }
    counts.push(count)
    return count
  })
  register(named, counts)
  return (amount: number, ...values: ValuesOf<Names>): void => {
    countOf(values).amount += amount
  }
}

/** A histogram, to be told a number and the values of its labels. */
export const histogramOf = <const Names extends readonly string[]>({
  labelNames,
  ...named
}: Named<Names> & { readonly buckets: number[] }) => {
  const histogram = new Histogram({ ...named, labelNames: labelNames ?? [] })
  const seriesOf = byValues((values) => histogram.labels(...values))
  return (amount: number, ...values: ValuesOf<Names>): void => seriesOf(values).observe(amount)
}
