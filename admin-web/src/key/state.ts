/** The key of this tab and what the node says of it; nothing is stored (D-080). */
import { createResource, createSignal, onCleanup } from 'solid-js'
import { api, type KeyInfo, type NodeInfo, type PublicModel } from './api'

const everyMs = 5000
/** Prices and the rate in them. */
const modelsEveryMs = 5 * 60_000

export function createKeyState() {
  const [key, setKey] = createSignal<string>()
  const [problem, setProblem] = createSignal<string>()
  const [busy, setBusy] = createSignal(false)
  const [info, setInfo] = createSignal<KeyInfo>()
  const [node] = createResource(async () => bodyOf(await api<NodeInfo>('/v1/info')))
  const [models, { refetch }] = createResource(
    async () => bodyOf(await api<{ data: readonly PublicModel[] }>('/v1/models'))?.data,
  )

  async function look(wanted: string): Promise<boolean> {
    const answer = await api<KeyInfo>('/v1/balance/info', { key: wanted })
    if (!answer.ok) {
      setProblem(answer.sentence)
      return false
    }
    setProblem(undefined)
    setInfo(answer.body)
    return true
  }
  async function open(wanted: string): Promise<void> {
    setBusy(true)
    if (await look(wanted)) setKey(info()?.api_key ?? wanted)
    setBusy(false)
  }
  const timer = setInterval(() => {
    const now = key()
    if (now !== undefined && !document.hidden) void look(now)
  }, everyMs)
  const modelsTimer = setInterval(() => {
    if (!document.hidden) void refetch()
  }, modelsEveryMs)
  onCleanup(() => {
    clearInterval(timer)
    clearInterval(modelsTimer)
  })
  return {
    key,
    info,
    node,
    models: () => models.latest,
    problem,
    busy,
    open,
    refresh: () => void (key() === undefined ? undefined : look(key() ?? '')),
    forget(): void {
      setKey(undefined)
      setInfo(undefined)
      setProblem(undefined)
    },
  }
}
export type KeyState = ReturnType<typeof createKeyState>

const bodyOf = <Body>(answer: { readonly ok: true; readonly body: Body } | { readonly ok: false }): Body | undefined =>
  answer.ok ? answer.body : undefined
