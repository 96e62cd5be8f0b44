import type { Paint, Style } from "./terminal.ts"

export interface Cell {
  readonly text: string
  readonly style?: Style
  /** Shown if `text` is too wide. The text is then beneath the row. */
  readonly short?: string
}

export interface Column {
  readonly title: string
  readonly right?: true
  /** Gets the remaining room. At most one column has it. */
  readonly flexible?: true
}

export interface Row {
  /** A heading above the row, at the start of a group. */
  readonly heading?: string
  readonly mark?: Cell
  /** The cells of each line of the row. */
  readonly lines: readonly (readonly Cell[])[]
  /** Whole lines beneath. */
  readonly notes?: readonly Cell[]
}

export interface Table {
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
  readonly total?: Row
}

const gap = 2
const indent = 4

const widest = (texts: readonly string[]): number =>
  Math.max(0, ...texts.map(({ length }) => length))

/** Lines of at most `width`, broken between words. */
export const wrap = (text: string, width: number): readonly string[] => {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

interface Layout {
  readonly columns: readonly (Column & { readonly width: number })[]
  /** The first column has a separate line above the others. */
  readonly stacked: boolean
  readonly width: number
}

const layOut = ({ columns, rows, total }: Table, room: number): Layout => {
  const all = total ? [...rows, total] : rows
  const textsOf = (index: number, pick: (cell: Cell) => string): readonly string[] =>
    all.flatMap(({ lines }) => lines.flatMap((cells) => (cells[index] ? [pick(cells[index])] : [])))
  const least = columns.map(({ title }, index) =>
    widest([title, ...textsOf(index, ({ text, short = text }) => short)]),
  )
  const sum = (widths: readonly number[], lead: number): number =>
    lead + widths.reduce((length, width) => length + width + gap, -gap)
  const stacked = sum(least, gap) > room
  const spare = Math.max(0, room - (stacked ? sum(least.slice(1), indent) : sum(least, gap)))
  const sized = columns.map((column, index) => {
    const narrow = least[index] ?? 0
    const fitting = column.flexible
      ? textsOf(index, ({ text }) => text).filter(({ length }) => length <= narrow + spare)
      : []
    return { ...column, width: Math.max(narrow, widest(fitting)) }
  })
  const widths = sized.map(({ width }) => width)
  return {
    columns: sized,
    stacked,
    width: stacked
      ? Math.max(sum(widths.slice(1), indent), (widths[0] ?? 0) + gap)
      : sum(widths, gap),
  }
}

const fits = ({ text, short }: Cell, width: number): boolean =>
  short === undefined || text.length <= width

const drawCells = (
  cells: readonly Cell[],
  lead: string,
  { columns, stacked }: Layout,
  paint: Paint,
): readonly string[] => {
  const drawn = columns.map(({ width, right }, index) => {
    const cell = cells[index] ?? { text: "" }
    const text = fits(cell, width) ? cell.text : (cell.short ?? "")
    const padding = " ".repeat(width - text.length)
    return right ? padding + paint(cell.style, text) : paint(cell.style, text) + padding
  })
  if (!stacked) return [lead + drawn.join(" ".repeat(gap))]
  const rest = " ".repeat(indent) + drawn.slice(1).join(" ".repeat(gap))
  return cells[0]?.text ? [lead + (drawn[0] ?? ""), rest] : [rest]
}

const drawRow = (row: Row, layout: Layout, room: number, paint: Paint): readonly string[] => {
  const { text: sign = "", style: signStyle } = row.mark ?? {}
  const mark = paint(signStyle, sign) + " ".repeat(gap - sign.length)
  const wide = (cell: Cell, index: number): boolean =>
    !fits(cell, layout.columns[index]?.width ?? 0)
  const spilled = row.lines.flatMap((cells) =>
    cells.filter(wide).map(({ text }): Cell => ({ text: `↳ ${text}`, style: "dim" })),
  )
  const heading = row.heading === undefined ? [] : wrap(row.heading, room - gap)
  return [
    ...heading.map((line) => " ".repeat(gap) + paint("bold", line)),
    ...row.lines.flatMap((cells, index) =>
      drawCells(cells, index === 0 ? mark : " ".repeat(gap), layout, paint),
    ),
    ...[...spilled, ...(row.notes ?? [])].flatMap(({ text, style }) =>
      wrap(text, room - indent).map((line) => " ".repeat(indent) + paint(style, line)),
    ),
  ]
}

/** The table as lines for a terminal of this width. */
export const renderTable = (table: Table, room: number, paint: Paint): readonly string[] => {
  const layout = layOut(table, room)
  const rule = paint("dim", `  ${"─".repeat(layout.width - gap)}`)
  const titles: Row = {
    lines: [layout.columns.map(({ title }): Cell => ({ text: title, style: "dim" }))],
  }
  const draw = (row: Row): readonly string[] => drawRow(row, layout, room, paint)
  const lines = [...draw(titles), rule, ...table.rows.flatMap(draw)]
  return (table.total ? [...lines, rule, ...draw(table.total)] : lines).map((line) =>
    line.trimEnd(),
  )
}
