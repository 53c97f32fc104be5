/** A disk that is really full: a small file system that a file fills (P-28). Mounts one, so it runs as root. */
import { expect, test } from 'bun:test'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { prepareData, startChild, startTrade } from '../kit/child'
import { temporaryDirectory } from '../kit/log'
import { until } from '../kit/node'

function run(...command: readonly string[]): void {
  const done = Bun.spawnSync([...command], { stderr: 'pipe' })
  if (done.exitCode !== 0) throw new Error(`${command[0]}: ${done.stderr.toString()}`)
}

/** Leaves not one byte; answers how to give them back. */
function fill(directory: string): () => void {
  const path = join(directory, 'filler')
  const file = openSync(path, 'w')
  for (let bytes = 1 << 20; bytes >= 512; ) {
    try {
      writeSync(file, Buffer.alloc(bytes))
    } catch {
      bytes >>= 1
    }
  }
  closeSync(file)
  return () => rmSync(path)
}

test('P-28 C-015 on a full disk nothing is sold that cannot be booked, and with room again all that was told stands', async () => {
  const directory = temporaryDirectory()
  run('mount', '-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', directory.path)
  const data = join(directory.path, 'data')
  await prepareData(data)
  const trade = startTrade(data)
  const { mint, upstream, environment } = trade
  const node = await startChild(environment)
  const headers = { authorization: `Bearer ${mint.token(4096)}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ model: 'gpt-x', messages: [{ role: 'user', content: 'hello' }], max_tokens: 50 })
  let toldMsat = 0
  const chat = async () => {
    const response = await fetch(`${node.url}/v1/chat/completions`, { method: 'POST', headers, body })
    toldMsat += Number(response.headers.get('x-routstr-cost-msats') ?? 0)
    const answer = (await response.json()) as { readonly error?: { readonly code: string } }
    return { status: response.status, code: answer.error?.code }
  }
  const info = async () =>
    (await (await fetch(`${node.url}/v1/balance/info`, { headers })).json()) as {
      readonly balance: number
      readonly total_spent: number
    }
  try {
    await until('it sells', async () => (await chat()).status === 200)
    const { balance, total_spent: spent } = await info()
    expect(toldMsat).toBe(spent)
    const giveBack = fill(directory.path)
    await until('the disk is felt', async () => (await chat()).status === 503, 120_000)
    const calls = upstream.calls()
    expect(await chat()).toEqual({ status: 503, code: 'log_unavailable' })
    expect([upstream.calls() - calls, (await fetch(`${node.url}/health`)).status]).toEqual([0, 503])
    giveBack()
    await until('it sells again', async () => (await chat()).status === 200, 60_000)
    const after = await info()
    expect([after.total_spent, after.balance]).toEqual([toldMsat, balance + spent - toldMsat])
    node.child.kill('SIGTERM')
    expect(await node.child.exited).toBe(0)
    const again = await startChild(environment)
    expect((await (await fetch(`${again.url}/v1/balance/info`, { headers })).json()) as object).toMatchObject({
      total_spent: toldMsat,
    })
    again.child.kill('SIGTERM')
    await again.child.exited
  } finally {
    node.child.kill('SIGKILL')
    await node.child.exited
    await trade.stop()
    run('umount', directory.path)
    directory.remove()
  }
}, 300_000)
