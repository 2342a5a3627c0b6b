// From the server's answers to what the update cycle takes: an offer. The address is judged by the caller (order-url.ts).
import { finding } from '#base/errors.ts'
import { ok, type Result, refuse } from '#base/result.ts'
import type { StatusReport, UpdateOffer, WindowSpec } from '#model/update.ts'
import { parseWindow } from '#model/window.ts'
import { type ChannelAnswer, type PendingUpdate, pendingDetails, type UpdateStatusRequest } from './fleet.ts'

/** The update that the fleet wants here, null when none. Refusals: `update.bad-offer`, `window.*`. */
export function offerOfPendingUpdate(answer: PendingUpdate): Result<UpdateOffer | null> {
  if (!answer.update_available) return ok(null)
  const { update_id: updateId } = answer.update
  const details = pendingDetails.safeParse(answer.update)
  if (!details.success) {
    const [issue] = details.error.issues
    const problem = `${issue?.path.join('.') ?? 'it'} must be ${issue?.message ?? 'something else'}`
    return refuse(finding('update.bad-offer', { update: updateId, problem: problem.slice(0, 200) }))
  }
  const update = details.data
  const window = parseWindow(update.maintenance_window)
  if (!window.ok) return window
  return ok({
    origin: 'fleet',
    updateId,
    rolloutId: update.rollout_id ?? null,
    orderId: null,
    version: update.version,
    url: update.iso_url,
    sha256: update.sha256?.toLowerCase() ?? null,
    sizeBytes: update.size_bytes ?? null,
    window: window.value.kind === 'always' ? null : (update.maintenance_window as WindowSpec),
    requireApproval: false,
  })
}

/** The newer release of a channel, null when none. Its update id is made of channel and version, so that it stays the same. */
export function offerOfChannel(answer: ChannelAnswer, channel: string, requireApproval: boolean): UpdateOffer | null {
  if (!answer.update_available) return null
  return {
    origin: 'channel',
    updateId: `channel:${channel}:${answer.version}`,
    rolloutId: null,
    orderId: null,
    version: answer.version,
    url: answer.url ?? answer.image_url ?? '',
    sha256: answer.sha256?.toLowerCase() ?? null,
    sizeBytes: answer.size_bytes ?? null,
    window: null,
    requireApproval,
  }
}

/** What is posted of a report: `at` and `update_id` are ours; long texts are cut to what servers take. */
export function statusRequestOf(report: StatusReport): UpdateStatusRequest {
  const { status, error_message, error_code, boot_attempts, health_check_result } = report
  return {
    status,
    ...(error_message !== undefined && { error_message: error_message.slice(0, 4096) }),
    ...(error_code !== undefined && { error_code: error_code.slice(0, 50) }),
    ...(boot_attempts !== undefined && { boot_attempts }),
    ...(health_check_result !== undefined && { health_check_result }),
  }
}
