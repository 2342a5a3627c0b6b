// What building leaves in a tree and no appliance may have, because it differs from build to build or tells of the
// builder: logs, caches, package lists, keys, identities, name servers. Then rights of the folders that must be there.
import { chmod, lstat, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../os/make-folder.ts'
import type { BuildRoom } from './room.ts'

const GONE = `etc/resolv.conf etc/hostname etc/apt/sources.list etc/apt/sources.list.d etc/apt/apt.conf.d/99mmdebstrap
  etc/dpkg/dpkg.cfg.d/99mmdebstrap etc/passwd- etc/group- etc/shadow- etc/gshadow- etc/subuid- etc/subgid- etc/.pwd.lock
  var/lib/dbus/machine-id var/lib/systemd/random-seed var/lib/systemd/credential.secret var/lib/apt var/cache/apt
  var/cache/ldconfig/aux-cache var/cache/debconf/config.dat-old var/cache/debconf/templates.dat-old var/cache/man
  var/lib/dpkg/status-old var/lib/dpkg/available-old var/lib/dpkg/available var/lib/dpkg/diversions-old var/lib/dpkg/statoverride-old
  var/lib/dpkg/lock var/lib/dpkg/lock-frontend var/lib/dpkg/triggers/Lock root/.cache root/.bash_history
  etc/ssl/private/ssl-cert-snakeoil.key etc/ssl/certs/ssl-cert-snakeoil.pem`.split(/\s+/)

const EMPTY = ['dev', 'proc', 'sys', 'run', 'tmp', 'var/tmp', 'mnt', 'media']

/** Removes all that; /etc/machine-id becomes empty, which means "not known yet", and the host is called `hostname`. */
export async function cleanTree({ tree }: BuildRoom, hostname: string): Promise<void> {
  for (const path of GONE) await rm(join(tree, path), { recursive: true, force: true })
  for (const folder of EMPTY) await emptyFolder(join(tree, folder))
  for (const folder of ['tmp', 'var/tmp']) await chmod(join(tree, folder), 0o1777)
  await removeFiles(join(tree, 'var/log'))
  for (const name of await readdir(join(tree, 'etc/ssh')).catch(() => []))
    if (/^ssh_host_.*_key(?:\.pub)?$/.test(name)) await rm(join(tree, 'etc/ssh', name))
  await makeFolder(join(tree, 'etc'))
  await text(join(tree, 'etc/machine-id'), '')
  await text(join(tree, 'etc/hostname'), `${hostname}\n`)
}

async function text(file: string, content: string): Promise<void> {
  await rm(file, { force: true })
  await writeFile(file, content)
  await chmod(file, 0o644)
}

async function emptyFolder(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => null)
  if (found && !found.isDirectory()) return
  await makeFolder(folder)
  if (!found) await chmod(folder, 0o755)
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
}

/** Files go, folders stay: services expect them. */
async function removeFiles(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => []))
    if (entry.isDirectory()) await removeFiles(join(folder, entry.name))
    else await rm(join(folder, entry.name))
}
