/** The tabs that exist, the node's own menu, and the foot that says how the page stands. A bottom bar when narrow. */
import { A, useLocation } from '@solidjs/router'
import { For, type JSX, Show } from 'solid-js'
import { type Answer, endpointOf } from '../client'
import { shortKey } from '../format'
import { paths, type Tab, tabOf, tabs } from '../paths'
import { density, keys, theme } from '../preferences'
import { tabKeys } from '../shortcuts'
import { text } from '../text/en'
import { CopyText, Icon, type IconName, isNarrow, Menu, MenuGroup, MenuItem, Segment } from '../ui'
import { zoneName } from '../zone'
import { ConnectionLine } from './connection'
import styles from './nav.module.css'

/** Below 768 px the rest stands under More. */
const barTabs = ['overview', 'sessions', 'models', 'withdraw'] as const
const moreTabs = ['settings', 'logs'] as const

type NodeMenuProps = {
  readonly status: Answer<'node.status'> | undefined
  readonly publicUrl: string | undefined
  readonly onPassword: () => void
  readonly onSignOut: () => void
}

type NavProps = NodeMenuProps & {
  readonly me: Answer<'me.get'> | undefined
  readonly onKeys: () => void
  readonly onConnection: () => void
}

export function Nav(props: NavProps) {
  return (
    <Show when={!isNarrow()}>
      <nav class={styles.nav} aria-label={text.nav}>
        <NodeMenu {...props} />
        <ul class={styles.tabs}>
          <For each={tabs}>
            {(tab) => (
              <li>
                <TabLink tab={tab}>
                  <span class={styles.word}>{text.tabs[tab]}</span>
                  <span class={styles.key} aria-hidden="true">
                    {tabKeys[tab]}
                  </span>
                </TabLink>
              </li>
            )}
          </For>
        </ul>
        <div class={styles.foot}>
          <ConnectionLine onOpen={props.onConnection} />
          <span class={styles.footWord}>{zoneName()}</span>
          <Show when={props.me}>
            {(me) => <span class={styles.footWord}>{text.version(me().role, props.status?.version ?? '')}</span>}
          </Show>
          <button type="button" class={styles.keys} onClick={() => props.onKeys()}>
            {text.keysHint} <kbd class={styles.key}>?</kbd>
          </button>
        </div>
      </nav>
    </Show>
  )
}

function TabLink(props: { readonly tab: Tab; readonly children: JSX.Element }) {
  const location = useLocation()
  const isHere = () => tabOf(location.pathname) === props.tab
  return (
    <A
      href={paths[props.tab]}
      class={styles.tab}
      classList={{ [styles.here ?? '']: isHere() }}
      activeClass=""
      inactiveClass=""
      aria-current={isHere() ? 'page' : undefined}
      title={isNarrow() ? undefined : text.tabs[props.tab]}
    >
      <Icon name={props.tab satisfies IconName} />
      {props.children}
    </A>
  )
}

function NodeMenu(props: NodeMenuProps) {
  const name = () => props.status?.name ?? text.product
  return (
    <div class={styles.node}>
      <Menu
        label={text.menu.open(name())}
        wide
        buttonClass={styles.nodeButton}
        button={
          <>
            <span class={styles.seal} aria-hidden="true">
              ◉
            </span>
            <span class={styles.nodeName} title={name()}>
              {name()}
            </span>
            <span class={styles.caret}>
              <Icon name="down" />
            </span>
          </>
        }
      >
        {(close) => <NodeMenuItems {...props} close={close} />}
      </Menu>
    </div>
  )
}

function NodeMenuItems(props: NodeMenuProps & { readonly close: () => void }) {
  return (
    <>
      <MenuGroup label={text.menu.endpoint}>
        <CopyText value={endpointOf(props.publicUrl)} name={text.menu.endpoint} />
      </MenuGroup>
      <Show when={props.status?.npub}>
        {(npub) => (
          <MenuGroup label={text.menu.npub}>
            <CopyText value={npub()} shown={shortKey(npub())} name={text.menu.npub} />
          </MenuGroup>
        )}
      </Show>
      <MenuGroup label={text.theme.name}>
        <Segment
          label={text.theme.name}
          value={theme.value()}
          choices={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: text.theme[value] }))}
          onChange={theme.choose}
        />
      </MenuGroup>
      <MenuGroup label={text.density.name}>
        <Segment
          label={text.density.name}
          value={density.value()}
          choices={(['comfortable', 'compact'] as const).map((value) => ({ value, label: text.density[value] }))}
          onChange={density.choose}
        />
      </MenuGroup>
      <MenuGroup label={text.keys.name}>
        <Segment
          label={text.keys.name}
          value={keys.value()}
          choices={(['on', 'off'] as const).map((value) => ({ value, label: text.keys[value] }))}
          onChange={keys.choose}
        />
      </MenuGroup>
      <MenuGroup label={text.more}>
        <MenuItem
          onClick={() => {
            props.close()
            props.onPassword()
          }}
        >
          <Icon name="key" /> {text.menu.password}
        </MenuItem>
        <MenuItem onClick={() => props.onSignOut()}>
          <Icon name="leave" /> {text.menu.signOut}
        </MenuItem>
      </MenuGroup>
    </>
  )
}

/** Below 768 px: the tabs and, under More, what the nav has else. */
export function BottomBar(props: NodeMenuProps) {
  return (
    <Show when={isNarrow()}>
      <nav class={styles.bar} aria-label={text.nav}>
        <For each={barTabs}>
          {(tab) => (
            <TabLink tab={tab}>
              <span>{text.tabs[tab]}</span>
            </TabLink>
          )}
        </For>
        <Menu
          label={text.more}
          wide
          upward
          buttonClass={styles.tab}
          button={
            <>
              <Icon name="more" />
              <span>{text.more}</span>
            </>
          }
        >
          {(close) => (
            <>
              <MenuGroup label={text.nav}>
                <For each={moreTabs}>
                  {(tab) => (
                    <A class={styles.moreTab} href={paths[tab]} onClick={close}>
                      <Icon name={tab satisfies IconName} /> {text.tabs[tab]}
                    </A>
                  )}
                </For>
              </MenuGroup>
              <NodeMenuItems {...props} close={close} />
            </>
          )}
        </Menu>
      </nav>
    </Show>
  )
}
