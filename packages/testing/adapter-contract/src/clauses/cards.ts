import type { ModelCard, Parameter } from "@pictor/core"
import type { TaskCard } from "@pictor/core/adapter"
import { planOf } from "../client.ts"
import type { Clause, Context } from "../contract.ts"
import { samplesOf } from "../samples.ts"
import { examplesFor, namesOf, subjectsOf, tasksOf } from "../subject.ts"

const isoDate = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/

const cardsOf = ({ contract }: Context): readonly ModelCard[] =>
  contract.create({
    name: "contract",
    invoke: () => Promise.reject(new Error("nothing is sent here")),
  }).models

const parametersOf = ({
  fields,
  options = {},
}: TaskCard): readonly (readonly [name: string, parameter: Parameter])[] => [
  ...Object.entries(fields),
  ...Object.entries(options),
]

const cardIds: Clause = (context) => {
  const cards = cardsOf(context)
  context.expect(cards.length, "the adapter has no model card").toBeGreaterThan(0)
  const names = cards.flatMap((card) => [...new Set(namesOf(card))])
  const repeated = names.filter((name, index) => names.indexOf(name) !== index || name === "")
  context.expect(repeated, "empty names, or names of two cards").toEqual([])
}

const cardTasks: Clause = (context) => {
  const claimed = cardsOf(context).flatMap((card) =>
    tasksOf(card).map(([task]) => ({ card, task })),
  )
  context.expect(claimed.length, "the cards have no task").toBeGreaterThan(0)
  const uncovered = claimed.filter(
    ({ card, task }) => examplesFor(context, card, task).length === 0,
  )
  const missing = uncovered.map(({ card, task }) => `${card.id}, ${task}`)
  context.expect(missing, "tasks without an example: give one in `requests`").toEqual([])
}

const cardSources: Clause = (context) => {
  const { expect } = context
  for (const card of cardsOf(context)) {
    const facts: readonly (readonly [string, string | undefined])[] = [
      ["lifecycle", card.lifecycle.source],
      ...Object.entries(card.unsure ?? {}).flatMap(([task, keys]) =>
        keys.map((source) => [`unsure.${task}`, source] as const),
      ),
      ...card.prices.map(({ source }, index) => [`prices[${index}]`, source] as const),
      ...tasksOf(card).flatMap(([task, taskCard]) =>
        parametersOf(taskCard).map(([name, { source }]) => [`${task}.${name}`, source] as const),
      ),
    ]
    const unknown = facts.filter(
      ([, source]) => source !== undefined && !Object.hasOwn(card.sources, source),
    )
    expect(unknown, `${card.id}: facts whose source is not among the card's sources`).toEqual([])
    for (const [key, { url, seen }] of Object.entries(card.sources)) {
      expect(URL.canParse(url), `${card.id}: the url of source "${key}"`).toBe(true)
      expect(seen, `${card.id}: the date of source "${key}"`).toMatch(isoDate)
    }
  }
}

const cardLifecycle: Clause = (context) => {
  const { expect } = context
  for (const card of cardsOf(context)) {
    const { legacyFrom, extendedFrom, retiredFrom, earliestEnd, successor } = card.lifecycle
    for (const date of [legacyFrom, extendedFrom, retiredFrom, earliestEnd])
      if (date !== undefined) expect(date, `${card.id}: a date of its lifecycle`).toMatch(isoDate)
    if (legacyFrom !== undefined && retiredFrom !== undefined)
      expect(
        legacyFrom <= retiredFrom,
        `${card.id}: legacy ${legacyFrom} comes after retired ${retiredFrom}`,
      ).toBe(true)
    if (earliestEnd !== undefined && retiredFrom !== undefined)
      expect(
        earliestEnd <= retiredFrom,
        `${card.id}: retired ${retiredFrom} comes before its earliest end ${earliestEnd}`,
      ).toBe(true)
    if (successor !== undefined)
      expect(namesOf(card), `${card.id}: its successor is itself`).not.toContain(successor)
  }
}

const priced = ["size", "aspectRatio", "quality", "steps"] as const

const cardPrices: Clause = async (context) => {
  const { expect } = context
  for (const { id, prices } of cardsOf(context))
    for (const [index, { microUsd, units }] of prices.entries()) {
      const isWhole = microUsd !== undefined && Number.isInteger(microUsd) && microUsd >= 0
      expect(
        isWhole || units !== undefined,
        `${id}: prices[${index}].microUsd is ${microUsd}, not whole micro-USD`,
      ).toBe(true)
      for (const [unit, price] of Object.entries(units ?? {}))
        expect(
          Number.isFinite(price) && price >= 0,
          `${id}: prices[${index}].units.${unit} is ${price}, not a number from 0`,
        ).toBe(true)
    }
  for (const subject of subjectsOf(context)) {
    // Nobody publishes a price of this model.
    if (subject.card.prices.length === 0) continue
    const variants = priced.flatMap((field) => {
      const parameter = subject.taskCard.fields[field]
      return parameter ? samplesOf(parameter).map((value) => ({ [field]: value })) : []
    })
    for (const fields of [{}, ...variants]) {
      const { estimate } = await planOf(context, subject, fields)
      expect(
        estimate.unpricedImages,
        `${subject.label}: unknown price of ${JSON.stringify(fields)}`,
      ).toBe(0)
    }
  }
}

const placesOf = (parameter: Parameter): readonly string[] => [
  ...[parameter.path ?? []].flat(),
  ...Object.values(parameter.pathBeside ?? {}),
  ...(parameter.kind === "images" ? (parameter.places ?? []) : []),
  ...(parameter.kind === "object" ? Object.values(parameter.fields).flatMap(placesOf) : []),
]

const cardPlaces: Clause = (context) => {
  for (const card of cardsOf(context))
    for (const [task, { constants = {}, fields, options = {} }] of tasksOf(card)) {
      const places = [
        ...Object.keys(constants),
        ...Object.values(fields).flatMap(placesOf),
        ...Object.keys(options),
      ]
      const clashing = places.filter((place, index) =>
        places.some((other, at) => at !== index && `${other}.`.startsWith(`${place}.`)),
      )
      context.expect(clashing, `${card.id}, ${task}: places that hold two values`).toEqual([])
    }
}

export const cardClauses = {
  "card-ids": cardIds,
  "card-tasks": cardTasks,
  "card-sources": cardSources,
  "card-lifecycle": cardLifecycle,
  "card-prices": cardPrices,
  "card-places": cardPlaces,
} as const
