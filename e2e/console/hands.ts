// What a technician does in the console, step by step, through roles and the console's own English words. Nothing here knows
// the host: what cannot be seen or pressed cannot be tested.
import type { Locator, Page } from 'playwright-core'
import { translator } from '#renderer/text/translate.ts'
import { goTo } from './station.ts'

export const en = translator('en')

/** A job on a small release, with everything else that this computer has to do. */
export const JOB_MS = 90_000

export const button = (within: Page | Locator, name: string, exact = true): Locator =>
  within.getByRole('button', { name, exact })

/** A radio button or check box, by what its label begins with. */
export const choice = (within: Page | Locator, text: string): Locator =>
  within.locator('label.choice', { hasText: new RegExp(`^\\s*${text.replace(/[.()]/g, '\\$&')}`) }).first()

export const row = (page: Page, unit: string): Locator => page.getByRole('row', { name: unit })

/** Bench: selects exactly these units. */
export async function selectUnits(page: Page, units: readonly string[]): Promise<void> {
  await goTo(page, 'bench')
  await page.locator('.selection-bar').waitFor()
  const clear = button(page, en('bench.clearSelection'))
  if (await clear.isVisible()) await clear.click()
  const bar = page.locator('.selection-bar')
  const selected = async (count: number) => {
    try {
      await bar.getByText(en('bench.selected', { count }), { exact: true }).waitFor()
    } catch (error) {
      throw new Error(
        `${count} to be selected: ${await bar.innerText()}\n${await page.locator('.bench-list').innerText()}`,
        {
          cause: error,
        },
      )
    }
  }
  await selected(0)
  for (const [index, unit] of units.entries()) {
    await row(page, unit).locator('.row-check').click()
    await selected(index + 1)
  }
}

const next = (page: Page, step: 'image' | 'layout' | 'slot' | 'config' | 'review'): Promise<void> =>
  button(page, en('provision.nextStep', { step: en(`provision.step.${step}`) })).click()

export interface ProvisionWish {
  readonly units: readonly string[]
  /** Name of an image of the library. */
  readonly image: string
  readonly slots?: 'A' | 'B' | 'both'
  /** Use the config that is open under Config & restore. */
  readonly config?: string
}

/** From the bench to the review; what the host said to the plan is on the screen then. */
export async function planProvision(page: Page, { units, image, slots = 'A', config }: ProvisionWish): Promise<void> {
  await selectUnits(page, units)
  await button(page, en('verb.provision')).click()
  await next(page, 'image')
  await choice(page, image).click()
  await next(page, 'layout')
  await choice(page, 'hp-t640').click()
  await choice(page, slots === 'both' ? en('provision.slotsBoth') : en('slot.name', { slot: slots })).click()
  await next(page, 'config')
  if (config) await choice(page, config).click()
  await next(page, 'review')
  await reviewed(page)
}

/** Repair slots, from the bench to the review. */
export async function planRepair(page: Page, unit: string, image: string, slot: 'A' | 'B'): Promise<void> {
  await selectUnits(page, [unit])
  await button(page, en('verb.repair')).click()
  await next(page, 'image')
  await choice(page, image).click()
  await next(page, 'slot')
  await choice(page, en('slot.name', { slot })).click()
  await next(page, 'review')
  await reviewed(page)
}

/** The host has answered: with plans, with refusals, or with a problem. */
async function reviewed(page: Page): Promise<void> {
  const answered = page.locator('.plan-card, .problem, .problem-list').first()
  await answered.waitFor({ timeout: JOB_MS })
}

/** The dialog in which a plan is confirmed. */
export const confirmation = (page: Page): Locator => page.getByRole('alertdialog')

/** Opens the confirmation from the review. */
export const askToStart = (page: Page, count = 1): Promise<void> =>
  button(page, en('provision.start', { count })).click()

export async function typeAndStart(page: Page, typed: string, count = 1): Promise<void> {
  const dialog = confirmation(page)
  await dialog.getByRole('textbox').fill(typed)
  await button(dialog, en('confirm.start', { count })).click({ timeout: 20_000 })
  await dialog.waitFor({ state: 'detached' })
}

/** The tile of a unit on the Run screen. */
export const tile = (page: Page, unit: string): Locator => page.locator('.batch-grid .tile', { hasText: unit })

/** Waits until every unit of the batch on the screen has one of these words. */
export async function ended(page: Page, words: readonly string[]): Promise<void> {
  for (const [index, word] of words.entries())
    await page.locator('.batch-grid .tile').nth(index).getByText(word, { exact: true }).waitFor({ timeout: JOB_MS })
}

/** Waits for the end of the one job that was just started; answers the word that it ended with. */
export async function endOfJob(page: Page): Promise<string> {
  const word = page.locator('.job-detail .state').first()
  const end = page.locator('.job-detail .state-verified, .job-detail .state-failed, .job-detail .state-stopped').first()
  await end.waitFor({ timeout: JOB_MS })
  return (await word.innerText()).trim()
}

/** The four lines of a diagnosis, in words. */
export const fourLines = async (page: Page): Promise<readonly string[]> =>
  await page.locator('.job-detail .four-lines dd').allInnerTexts()

/** Slots & recovery of a unit. */
export async function openSlots(page: Page, unit: string): Promise<void> {
  await selectUnits(page, [unit])
  await button(page, en('nav.slots')).click()
  await page.getByRole('heading', { level: 1, name: en('nav.slots') }).waitFor()
}

export const slotCard = (page: Page, slot: 'A' | 'B'): Locator => page.locator('.slot-card').nth(slot === 'A' ? 0 : 1)
