import type { Context, Measuring } from "./benchmark.ts"
import { answerOf, start } from "./child.ts"
import type { Answer, Metric } from "./task.ts"

export interface Side {
  readonly task: string
  /** Runs of one measurement. */
  readonly count: number
}

/** Measures a task in its own process, after a warm-up. Compares the image every time. */
export const measureTask = async (
  { url, picture }: Context,
  metric: Metric,
  { task, count }: Side,
): Promise<Measuring> => {
  const child = start(import.meta.resolve("./worker.ts"), [task, url])
  const subject = async (): Promise<number> => {
    const answer = answerOf(child)
    child.send({ count, metric })
    const { value, sha256 } = (await answer) as Answer
    if (sha256 !== undefined && sha256 !== picture.sha256)
      throw new Error(`${task} produced a different image`)
    return value
  }
  await answerOf(child)
  await subject()
  return { subject, close: () => void child.kill() }
}

/** Two tasks, each in its own process. */
export const measureTasks = async (
  context: Context,
  metric: Metric,
  subject: Side,
  baseline: Side,
): Promise<Measuring> => {
  const ours = await measureTask(context, metric, subject)
  const theirs = await measureTask(context, metric, baseline)
  const close = async (): Promise<void> => {
    await ours.close()
    await theirs.close()
  }
  return { subject: ours.subject, baseline: theirs.subject, close }
}
