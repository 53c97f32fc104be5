/** The ways in over HTTP: the printed link, a password, a Nostr key (remote-admin 9.1, 9.2). */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type Role, wish } from '../../events'
import { createLanes } from '../lanes'
import { limits } from '../limits'
import { settingDefaults, settings } from '../settings'
import type { Trace } from '../trace'
import { isLive } from './live-device'
import { createNip98 } from './nip98'
import type { AdminNode } from './node-port'
import type { Principal } from './principal'
import { createThrottle } from './throttle'
import { principalByToken } from './token'

export type Opened = {
  readonly cookie: string
  readonly device: string
  readonly role: Role
  readonly admin: string
  readonly expires: number
}
/** What a browser tells of itself: its name, and its time zone where it is one. */
export type Browser = { readonly label: string; readonly timeZone?: string }
export type SignInProblem =
  | { readonly refused: 'wrong' | 'not-offered' | 'too-many-devices' }
  | { readonly waitS: number }

export type SignIn = {
  readonly ways: () => Promise<{ readonly password: boolean; readonly nostr: boolean; readonly setup: boolean }>
  /** A new single-use code; the one before it is void. */
  readonly makeLinkCode: () => string
  readonly needsLink: () => Promise<boolean>
  readonly claimSetup: (code: string, address: string, browser: Browser) => Promise<Opened | SignInProblem>
  readonly password: (password: string, address: string, browser: Browser) => Promise<Opened | SignInProblem>
  readonly challenge: () => { readonly nonce: string; readonly expires: number }
  readonly nostr: (
    header: string,
    nonce: string,
    request: RequestProof,
    browser: Browser,
  ) => Promise<Opened | SignInProblem>
  /** Who holds this cookie. */
  readonly byCookie: (cookie: string) => Promise<Principal | undefined>
  /** Who holds this token; a wrong one is a failure like a wrong password, and an early try is not looked at. */
  readonly byToken: (token: string, address: string) => Promise<Principal | undefined>
  /** Seconds until this address may try again; undefined: now. */
  readonly waitS: (address: string) => number | undefined
  /** Who signed this very request; it is a step-up too. */
  readonly byNip98: (header: string, request: RequestProof) => Promise<Principal | undefined>
  /** Whether the password in a header stands for a step-up (R-012 c). */
  readonly passwordProof: (password: string, address: string) => Promise<boolean | { readonly waitS: number }>
}
export type RequestProof = {
  readonly method: string
  readonly host: string
  readonly pathAndQuery: string
  readonly body: Uint8Array
}

const codeBytes = 16
const cookieBytes = 32

export function createSignIn(deps: {
  readonly node: AdminNode
  readonly now: () => number
  readonly trace: Trace
}): SignIn {
  const { node, now, trace } = deps
  const throttle = createThrottle(now)
  const nip98 = createNip98(now)
  const checks = createLanes(limits.passwordChecks)
  const challenges = new Map<string, number>()
  let link: { readonly hash: Buffer; readonly expiresAt: number } | undefined

  async function openDevice(
    way: 'setup' | 'password' | 'nostr',
    admin: string,
    role: Role,
    { label, timeZone }: Browser,
  ): Promise<Opened | SignInProblem> {
    const cookie = Buffer.from(crypto.getRandomValues(new Uint8Array(cookieBytes))).toString('base64url')
    const nowS = Math.floor(now() / 1000)
    const expires = nowS + node.settings('security.deviceHours') * 3600
    const device = crypto.randomUUID()
    const cookieHash = createHash('sha256').update(cookie).digest('hex')
    const outcome = await node.engine.execute(
      wish('node', 'node', {
        do: 'open-device',
        device: { device, admin, role, label: label.slice(0, 60), way, cookieHash, expiresAt: expires, openedAt: nowS },
        nowS,
        dead: (await state()).devices.filter((one) => !isLive(one, node, now())).map((one) => one.device),
        most: limits.devices,
      }),
      { meta: { actor: admin, door: 'http' } },
    )
    if ('refused' in outcome) return { refused: 'too-many-devices' }
    if (timeZone !== undefined && role !== 'viewer') await firstZone(timeZone, admin)
    return { cookie, device, role, admin, expires }
  }

  /** The first operator's zone becomes the reporting one, unless somebody chose one already (dashboard 3, Time). */
  async function firstZone(timeZone: string, actor: string): Promise<void> {
    const key = 'display.timeZone'
    const isChosen = (await state()).settings[key] !== undefined
    if (isChosen || timeZone === settingDefaults[key] || !settings[key].schema.safeParse(timeZone).success) return
    const changes = { [key]: timeZone }
    const zone = wish('node', 'node', { do: 'apply-settings', changes, defaults: settingDefaults, source: 'operator' })
    await node.engine.execute(zone, { meta: { actor, door: 'http' } })
  }

  function failed(address: string): SignInProblem {
    if (throttle.failed(address)) trace.warn('Sign-in closed for an address after too many failures', { address })
    return { refused: 'wrong' }
  }

  async function guarded(address: string, check: () => Promise<boolean>): Promise<SignInProblem | undefined> {
    const waitS = throttle.waitS(address)
    if (waitS !== undefined) return { waitS }
    if (!(await check())) return failed(address)
    throttle.succeeded(address)
    return undefined
  }

  const state = () => node.engine.state('node', 'node')
  const passwordIs = async (password: string) => {
    const known = (await state()).password
    return known !== undefined && (await checks(() => node.password.verify(password, known.hash)))
  }

  return {
    async ways() {
      const { password, admins } = await state()
      return {
        password: password !== undefined,
        nostr: admins.length > 0,
        setup: link !== undefined && link.expiresAt > now(),
      }
    },
    async needsLink() {
      const { password, admins } = await state()
      return password === undefined && !admins.some((admin) => admin.role === 'owner')
    },
    makeLinkCode() {
      const code = Buffer.from(crypto.getRandomValues(new Uint8Array(codeBytes))).toString('base64url')
      link = { hash: hashOf(code), expiresAt: now() + limits.setupLinkMs }
      return code
    },
    async claimSetup(code, address, browser) {
      const problem = await guarded(
        address,
        async () => link !== undefined && link.expiresAt > now() && timingSafeEqual(hashOf(code), link.hash),
      )
      if (problem !== undefined) return problem
      link = undefined
      return openDevice('setup', 'setup', 'owner', browser)
    },
    async password(password, address, browser) {
      if ((await state()).password === undefined) return { refused: 'not-offered' }
      return (
        (await guarded(address, () => passwordIs(password))) ?? openDevice('password', 'password', 'owner', browser)
      )
    },
    challenge() {
      for (const [nonce, expiresAt] of challenges) if (expiresAt < now()) challenges.delete(nonce)
      if (challenges.size > limits.addressesCounted) challenges.clear()
      const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(codeBytes))).toString('base64url')
      challenges.set(nonce, now() + limits.challengeMs)
      return { nonce, expires: Math.floor((now() + limits.challengeMs) / 1000) }
    },
    async nostr(header, nonce, request, browser) {
      const expiresAt = challenges.get(nonce)
      challenges.delete(nonce)
      if (expiresAt === undefined || expiresAt < now()) return { refused: 'wrong' }
      const author = nip98.author(header, request)
      const admin = (await state()).admins.find((one) => one.pubkey === author)
      return admin === undefined ? { refused: 'wrong' } : openDevice('nostr', admin.pubkey, admin.role, browser)
    },
    async byCookie(cookie) {
      const hash = createHash('sha256').update(cookie).digest('hex')
      const { devices, admins } = await state()
      const device = devices.find((one) => one.cookieHash === hash)
      if (device === undefined || !isLive(device, node, now())) return undefined
      // A device is powerless the moment its admin is.
      const admin = admins.find((one) => one.pubkey === device.admin)
      if (device.way === 'nostr' && admin === undefined) return undefined
      node.lastSeen.note(device.device)
      const { way, expiresAt } = device
      return {
        admin: device.admin,
        name: device.device,
        role: admin?.role ?? device.role,
        device: device.device,
        way,
        expiresAt,
        stepUp: false,
      }
    },
    async byToken(token, address) {
      if (throttle.waitS(address) !== undefined) return undefined
      const holder = principalByToken(await state(), token, now())
      // No success to the throttle: it would let its holder guess passwords at full speed.
      if (holder === undefined) failed(address)
      return holder
    },
    waitS: throttle.waitS,
    async byNip98(header, request) {
      const author = nip98.author(header, request)
      const admin = (await state()).admins.find((one) => one.pubkey === author)
      return admin === undefined
        ? undefined
        : { admin: admin.pubkey, name: admin.pubkey, role: admin.role, stepUp: admin.role === 'owner' }
    },
    async passwordProof(password, address) {
      const problem = await guarded(address, () => passwordIs(password))
      if (problem === undefined) return true
      return 'waitS' in problem ? problem : false
    },
  }
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()
