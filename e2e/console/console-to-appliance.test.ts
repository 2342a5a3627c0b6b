// From bench to appliance through the console: what a technician chose in its windows is what the appliance uses that boots
// from that very disk, with console and window gone. By the command line, and the life after it: e2e/device/bench-story.ts.
import assert from 'node:assert/strict'
import { cp, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { BUILT_IN_LAYOUTS } from '#model/layouts.ts'
import { configFolder, usesWhatWasGiven } from '../device/bench-story.ts'
import { devicesCannotRun, openWorld, type Release, type World } from '../device/world.ts'
import { closeBrowser } from './browser.ts'
import { askToStart, button, choice, en, endOfJob, selectUnits, typeAndStart } from './hands.ts'
import { cannotRun, openStation } from './open-console.ts'
import { goTo } from './station.ts'

const LAYOUT = BUILT_IN_LAYOUTS['hp-t640']

test('a disk that the console provisioned with a configuration boots, uses each of its files, and checks in to the server that only they name', async (t) => {
  const reason = cannotRun() ?? (await devicesCannotRun())
  if (reason) return t.skip(reason)
  await using world = await openWorld({ layout: LAYOUT })
  const release = await world.release('1.0.0', 'good')
  const config = await configFolder(world)
  await throughTheConsole(world, release, config)
  // USB, which appears last: the agent finds its own disk there, too.
  await using vm = await world.start('usb')
  await usesWhatWasGiven(world, vm, LAYOUT, config)
})

/** Trust list, release and blank disk are on the bench; release, disk and folder are chosen by hand. The disk is the world's then. */
async function throughTheConsole(world: World, release: Release, config: string): Promise<void> {
  const data = join(world.folder, 'console')
  let disk: string
  try {
    await using station = await openStation({
      data,
      trust: world.trust,
      releases: [release.path],
      disks: ['T640'],
    })
    disk = station.disk('T640')
    await cp(config, join(station.offered, 'shop-17'), { recursive: true })
    await using window = await station.open()
    const { page } = window
    await selectUnits(page, ['T640'])
    await goTo(page, 'config')
    await button(page, en('config.openFolder')).click()
    await button(page, en('config.toProvision', { count: 1 })).click()
    const step = (name: 'image' | 'layout' | 'config' | 'review') =>
      page
        .locator('.stepper')
        .getByRole('button', { name: en(`provision.step.${name}`) })
        .click()
    await step('image')
    await choice(page, '1.0.0.twinslot').click()
    await step('layout')
    await choice(page, LAYOUT.name).click()
    await step('config')
    assert.ok(await page.getByRole('radio', { name: /shop-17/ }).isChecked())
    await step('review')
    await page
      .locator('.plan-card')
      .getByText(/shop-17, \d+ files/)
      .waitFor()
    await askToStart(page)
    await typeAndStart(page, 'T640')
    assert.equal(await endOfJob(page), en('state.verified'))
  } finally {
    await closeBrowser()
  }
  await rename(disk, world.disk)
}
