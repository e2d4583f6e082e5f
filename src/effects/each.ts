// Work through a list with a number of workers. Invariant: at most `concurrent` items are under way, each is begun once, in order,
// and none after the signal fired.

export async function each<T>(
  items: readonly T[],
  concurrent: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0
  async function worker(): Promise<void> {
    while (next < items.length && !signal.aborted) {
      const item = items[next++] as T
      await work(item)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrent, items.length) }, worker))
}
