// Shortcuts for tests that are about something else: what a technician would do with his hands, done by calls of the host.
import type { Token } from '#contract/views.ts'
import { type Station, until } from './station.ts'

export interface ProvisionByCalls {
  readonly slots?: 'A' | 'both'
  /** Name of an image of the library. */
  readonly image?: string
}

/** Starts provisioning of these units at once; the station must be set to `assistive`, which skips the waiting. */
export async function startProvision(
  station: Station,
  units: readonly string[],
  how: ProvisionByCalls = {},
): Promise<Token> {
  const { images } = await station.view()
  const image = images.find(({ name }) => name === (how.image ?? 'one.twinslot'))
  if (!image) throw new Error('the image is not in the library')
  const tokens = await Promise.all(units.map(async (name) => (await station.unit(name)).token))
  const { plans, refused } = await station.call('plan.provision', {
    units: tokens,
    image: image.token,
    boot: null,
    layout: 'hp-t640',
    slots: how.slots ?? 'A',
    config: null,
    allowOlder: null,
  })
  if (refused.length > 0) throw new Error(JSON.stringify(refused))
  const asked = await station.call('confirm.begin', { plans: plans.map(({ plan }) => plan) })
  const { batch } = await station.call('confirm.start', { challenge: asked.challenge, typed: asked.expected })
  return batch
}

/** Until the batch has ended and the bench has looked at its units again. */
export async function finished(station: Station, batch: Token): Promise<void> {
  const here = async () => (await station.view()).batches.find((each) => each.batch === batch)
  await until(async () => (await here())?.state === 'done')
  const units = new Set((await here())?.jobs.filter(({ state }) => state === 'verified').map(({ unit }) => unit))
  await until(async () =>
    (await station.view()).bench.units.every(({ token, recovery }) => !units.has(token) || recovery !== null),
  )
}
