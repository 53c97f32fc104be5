/** The demo is what it says: one command, a curl that works as printed, and a clean end (configuration 1). */
import { expect, test } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { prepareData } from '../kit/child'
import { temporaryDirectory } from '../kit/log'

const root = join(import.meta.dir, '../..')

test('configuration 1 the demo prints a curl that gets a paid answer as it stands, and SIGINT ends it with 0', async () => {
  const directory = temporaryDirectory()
  const data = join(directory.path, 'data')
  await prepareData(data)
  const demo = Bun.spawn([process.execPath, 'run', 'demo'], {
    cwd: root,
    env: { ...process.env, ROUTSTR_DATA_DIR: data, PORT: '0', TMPDIR: directory.path },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const problems = new Response(demo.stderr).text()
  let printed = ''
  const reader = demo.stdout.getReader()
  const decoder = new TextDecoder()
  while (!printed.includes('Ctrl-C')) {
    const next = await reader.read()
    if (next.done) throw new Error(`the demo ended: ${printed}${await problems}`)
    printed += decoder.decode(next.value, { stream: true })
  }
  reader.releaseLock()
  const curls = printed.split('\n').filter((line) => line.startsWith('curl '))
  expect(curls.length).toBe(3)
  const answers = curls.map((line) => {
    const ran = Bun.spawnSync(['sh', '-c', line], { stdout: 'pipe', stderr: 'pipe' })
    expect([ran.exitCode, ran.stderr.toString()]).toEqual([0, ''])
    return JSON.parse(ran.stdout.toString()) as Readonly<Record<string, unknown>>
  })
  const [chat, info, token] = answers
  const costMsat = (chat?.cost as { readonly total_msats: number } | undefined)?.total_msats ?? 0
  expect(costMsat).toBeGreaterThan(0)
  expect(chat).toMatchObject({ object: 'chat.completion', choices: [{ message: { role: 'assistant' } }] })
  // 10 000 sat are five proofs, whose fee of 100 ppk each the mint rounds up to one sat.
  expect(info).toMatchObject({ balance: 9_999_000 - costMsat, reserved: 0, total_requests: 1, total_spent: costMsat })
  expect(String(token?.token)).toStartWith('cashuB')
  const dashboard = /^dashboard\s+(http\S+\/admin\/setup#\S+)$/m.exec(printed)?.[1]
  expect(dashboard).toBeString()
  demo.kill('SIGINT')
  expect([await demo.exited, await problems]).toEqual([0, expect.not.stringContaining('error')])
  expect(existsSync(join(data, 'secret.key'))).toBe(true)
  expect(readdirSync(directory.path).filter((name) => name.startsWith('routstr-demo-'))).toEqual([])
  directory.remove()
}, 120_000)
