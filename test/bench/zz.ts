import { cpuMs } from './machine'
import { startStage } from './stage'

const stage = await startStage(undefined, { BUN_OPTIONS: '--cpu-prof --cpu-prof-dir=/tmp/prof3' })
const eight = [1, 2, 4, 8, 16, 32, 64, 128]
for (let r = 0; r < 4; r++) {
  const big = r % 2 === 1
  const a = big ? [...eight, ...eight, ...eight, ...eight] : eight
  const all = Array.from({ length: 20 }, () => stage.token([...a]))
  const b = cpuMs(stage.nodePid)
  const t = performance.now()
  for (const token of all) {
    const res = await fetch(`${stage.nodeUrl}/v1/balance/topup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${stage.keys[0]}` },
      body: JSON.stringify({ cashu_token: token }),
    })
    await res.json()
  }
  console.log(
    a.length,
    'cpu',
    ((cpuMs(stage.nodePid) - b) / 20).toFixed(1),
    'wall',
    ((performance.now() - t) / 20).toFixed(1),
  )
}
const b = cpuMs(stage.nodePid)
await Bun.sleep(3000)
console.log('idle 3 s', cpuMs(stage.nodePid) - b)
await stage.stop()
