/** A snapshot within its bound: rows are left off from the end until it fits, and it says so. */
export function fitted(answer: unknown, mostBytes: number): unknown {
  if (sizeOf(answer) <= mostBytes) return answer
  const { rows, ...rest } = (typeof answer === 'object' && answer !== null ? answer : {}) as {
    readonly rows?: readonly unknown[]
  }
  if (!Array.isArray(rows)) return { cut: true }
  for (let left = rows.length - 1; left > 0; left -= 1) {
    const fewer = { ...rest, rows: rows.slice(0, left), cut: true }
    if (sizeOf(fewer) <= mostBytes) return fewer
  }
  return { cut: true }
}

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '')
