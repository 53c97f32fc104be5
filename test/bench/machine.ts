/** What a process takes of this machine, and what the machine is. Linux only, like the figures of performance 2. */
import { readdirSync, readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'

/** CPU time of all threads of a process so far. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  // utime and stime, in hundredths of a second on every Linux that Bun runs on.
  return (Number(fields[11]) + Number(fields[12])) * 10
}

export function rssMb(pid: number): number {
  const kb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN)
  return Math.round(kb / 1024)
}

export const threads = (pid: number): number => readdirSync(`/proc/${pid}/task`).length

export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  bun: Bun.version,
  loadBefore: loadavg().map((load) => Number(load.toFixed(2))),
})
