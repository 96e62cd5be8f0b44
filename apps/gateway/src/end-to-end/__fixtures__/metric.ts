/** The value of a metric. */
export const meter = async (url: string, name: string): Promise<number> => {
  const page = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`^${name} (.*)$`, "m").exec(page)?.[1])
}
