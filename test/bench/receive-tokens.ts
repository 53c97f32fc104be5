/** The reference of B7: cashu-ts as its own wallet receives, in a process of its own. A line in, a token; a line out, its CPU. */
import { createInterface } from 'node:readline'
import { Wallet } from '@cashu/cashu-ts'

const wallet = new Wallet(process.argv[2] ?? '')
await wallet.loadMint()
process.stdout.write('ready wallet\n')
for await (const token of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage()
  await wallet.receive(token)
  const { user, system } = process.cpuUsage(before)
  process.stdout.write(`${(user + system) / 1000}\n`)
}
