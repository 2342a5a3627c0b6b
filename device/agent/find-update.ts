// What the server wants installed now: the fleet's pending update first, else a newer release of the channel. Judges the
// address; whether the update may begin is the cycle's question, whether its bytes are believed the signature's.
import { EngineError } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import { offerOfChannel, offerOfPendingUpdate } from '#contract/fleet-offer.ts'
import type { UpdateOffer } from '#model/update.ts'
import { checkReleaseUrl, httpsHost } from '#trust/order-url.ts'
import type { Appliance, AutoUpdateSettings, DeviceSettings, FindUpdate, OwnDisk, ServerSettings } from '../ports.ts'
import { versionIn } from '../update/status.ts'
import { createFleetApi, type FleetApi, isNotForUs } from './api-client.ts'

/** Hosts that releases may come from: the server's own, and those of device.yaml. */
export function releaseHosts(settings: DeviceSettings, server: ServerSettings): readonly string[] {
  const own = httpsHost(server.endpoint)
  return own === null ? settings.allowedHosts : [own, ...settings.allowedHosts]
}

/** Refusals: `order.not-https`, `order.host-not-allowed`. */
function judged(offer: UpdateOffer, settings: DeviceSettings, server: ServerSettings): Result<UpdateOffer> {
  const bad = checkReleaseUrl(offer.url, releaseHosts(settings, server))
  return bad ? refuse(bad) : ok(offer)
}

/** What the server wants: its id, and the offer or why it cannot be one. */
export interface WantedUpdate {
  readonly updateId: string
  readonly offer: Result<UpdateOffer>
}

/** Null when the fleet wants nothing here. Refusals: `window.*`, `order.*`. @throws what the API throws */
export async function wantedByFleet(
  api: Pick<FleetApi, 'pendingUpdate'>,
  settings: DeviceSettings,
  server: ServerSettings,
  signal: AbortSignal,
): Promise<WantedUpdate | null> {
  const answer = await api.pendingUpdate(signal)
  if (!answer.update_available) return null
  const offer = offerOfPendingUpdate(answer)
  const updateId = answer.update.update_id
  if (!offer.ok || offer.value === null) return { updateId, offer: offer.ok ? refuse() : offer }
  return { updateId, offer: judged(offer.value, settings, server) }
}

/** Version that runs, by its own word, else by the slot record; null when neither says one. */
export async function runningVersion(disk: Pick<OwnDisk, 'look'>): Promise<string | null> {
  const view = await disk.look()
  return versionIn(view, view.running)
}

/** The channel's release when it is not the running one. @throws what the API throws */
export async function wantedByChannel(
  api: Pick<FleetApi, 'updates'>,
  auto: AutoUpdateSettings,
  settings: DeviceSettings,
  server: ServerSettings,
  current: string | null,
  signal: AbortSignal,
): Promise<WantedUpdate | null> {
  const answer = await api.updates(current ?? '', auto.channel, signal)
  const offer = offerOfChannel(answer, auto.channel, auto.requireApproval)
  if (!offer || offer.version === current) return null
  return { updateId: offer.updateId, offer: judged(offer, settings, server) }
}

/**
 * One look at the server, for osiris-update. Null also while the appliance has no server.
 * @throws EngineError `window.*`, `order.not-https`, `order.host-not-allowed`, and what the API throws
 */
export function findUpdate(
  appliance: Pick<Appliance, 'settings'> & { readonly disk: Pick<OwnDisk, 'look'> },
): FindUpdate {
  return async (signal) => {
    const settings = await appliance.settings()
    const { server, autoUpdate } = settings
    if (!server) return null
    const api = createFleetApi(server)
    const auto = autoUpdate?.enabled ? autoUpdate : null
    let wanted: WantedUpdate | null = null
    try {
      wanted = await wantedByFleet(api, settings, server, signal)
    } catch (error) {
      if (!auto || !isNotForUs(error)) throw error
    }
    if (!wanted && auto)
      wanted = await wantedByChannel(api, auto, settings, server, await runningVersion(appliance.disk), signal)
    if (!wanted) return null
    if (wanted.offer.ok) return wanted.offer.value
    const [bad] = wanted.offer.refusals
    throw new EngineError(bad?.code ?? 'agent.bad-answer', bad?.details)
  }
}
