// What is tried in the desktop app and in its stand-in alike.

import assert from 'node:assert/strict'
import { noteCodes } from '#testing/noted-codes.ts'
import type { Fixtures } from '../console/fixtures.ts'
import { askToStart, button, confirmation, en, endOfJob, planProvision, typeAndStart } from '../console/hands.ts'
import { goTo } from '../console/station.ts'
import type { Desktop } from './open-desktop.ts'

/** The names on the page that a page of ours has, and those of Node and Electron that it must not have. */
export async function assertBridge({ page }: Desktop): Promise<void> {
  const seen = await page.evaluate(`[
    Object.keys(window.twinslot).sort(),
    ['require', 'process', 'module', 'Buffer', 'electron'].filter((name) => name in window),
  ]`)
  assert.deepEqual(seen, [['call', 'onMessage'], []])
}

/** Main asks before the first write: Cancel writes nothing, Start provisions, the command line agrees. */
export async function declineThenProvision(desktop: Desktop, it: Fixtures): Promise<void> {
  const { page } = desktop
  await goTo(page, 'bench')
  await planProvision(page, { units: ['T640'], image: 'one.twinslot', slots: 'both' })
  await desktop.answerBoxes(0)
  await askToStart(page)
  await confirmation(page).getByRole('textbox').fill('t640')
  await button(confirmation(page), en('confirm.start', { count: 1 })).click()
  await page.getByText('host.declined').waitFor()
  noteCodes(await page.innerText('body'))
  assert.match((await desktop.shownBoxes()).join('\n'), /T640/)
  const untouched = await it.room.run(['inspect', desktop.disk('T640')])
  assert.equal((untouched.result as { slots?: unknown }).slots ?? null, null)
  await page.reload()
  await planProvision(page, { units: ['T640'], image: 'one.twinslot', slots: 'both' })
  await desktop.answerBoxes(1)
  await askToStart(page)
  await typeAndStart(page, 't640')
  assert.equal(await endOfJob(page), en('state.verified'))
  for (const slot of ['A', 'B']) {
    const options = ['--slot', slot, '--release', it.one, '--trust', it.trust]
    const { exit, result } = await it.room.run(['verify', desktop.disk('T640'), ...options])
    assert.equal(exit, 0, JSON.stringify(result))
  }
}
