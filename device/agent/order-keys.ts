// The Ed25519 keys that may sign orders. They come with the signed system image; keys that a server names are not believed.
import { join } from 'node:path'
import { EngineError } from '#base/errors.ts'
import { readTextFile } from '#node/os/state-file.ts'
import { parseOrderKeys } from '#trust/order.ts'
import type { DevicePaths } from '../ports.ts'

/** Without the file no order is believed. @throws EngineError `order.keys-malformed`, `settings.file-unreadable` */
export async function loadOrderKeys({ etc }: Pick<DevicePaths, 'etc'>): Promise<readonly string[]> {
  const file = join(etc, 'order-keys')
  const keys = parseOrderKeys((await readTextFile(file)) ?? '', file)
  if (keys.ok) return keys.value
  const [bad] = keys.refusals
  throw new EngineError(bad?.code ?? 'order.keys-malformed', bad?.details)
}
