// The small Debian appliance with a generator of systemd's that makes single starts go wrong, as the computer's serial number
// says: `B2:emergency+B1:stuck` is emergency mode when slot B starts with two tries left, then a job that never ends. One
// image serves all cases; what it does apart from that is the product's.
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { REPO } from '../cli/twinslot.ts'

export type WrongTurn = 'emergency' | 'rescue' | 'stuck' | 'crash' | 'gate' | 'boot' | 'var-lib-msp'

const TESTS = '/usr/lib/twinslot-test'
const GENERATOR = `#!/bin/sh
early=$2
slot=$(sed -n 's/.*ab\\.partition=\\([AB]\\).*/\\1/p' /proc/cmdline)
left=
[ "$slot" = A ] || left=$(grep -a -o -m1 'ab_left=[0-9]' /dev/vda1 | head -n 1)
start=$slot\${left#ab_left=}
for each in $(tr + ' ' </sys/class/dmi/id/product_serial); do
  [ "\${each%%:*}" = "$start" ] || continue
  what=\${each#*:}
  echo "appliance: start $start goes wrong: $what" >/dev/ttyS0
  case "$what" in
    emergency | rescue) ln -s "/usr/lib/systemd/system/$what.target" "$early/default.target" ;;
    stuck | crash)
      mkdir -p "$early/sysinit.target.wants"
      ln -s "${TESTS}/$what.service" "$early/$what.service"
      ln -s "../$what.service" "$early/sysinit.target.wants/$what.service"
      ;;
    *)
      unit=$what.mount
      [ "$what" != gate ] || unit=msp-health-gate.service
      mkdir -p "$early/$unit.d"
      ln -s "${TESTS}/$what.conf" "$early/$unit.d/wrong.conf"
      ;;
  esac
done
`

const early = (command: string) => `[Unit]
DefaultDependencies=no
Before=sysinit.target

[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=/bin/sh -c '${command}'
`

/** As a file system without its module. */
const NO_FILESYSTEM = '[Mount]\nType=nosuchfs\n'

/** Says on the console how the appliance is once its gate has decided. */
const LOOK = `#!/bin/sh
exec >/dev/ttyS0 2>&1
say() { echo "appliance: $*"; }
touch /usr/x /etc/x /opt/x; say "wrote to the root: $?"
for place in /tmp /var/tmp /var/log /var/cache /var/lib/systemd /run; do touch $place/x || say "cannot write $place"; done
say "root: $(findmnt -n -o FSTYPE,OPTIONS /)"
say "disk: $(readlink -f /dev/disk/twinslot/ESP) $(cat /run/twinslot-root)"
say "machine-id: $(wc -c </etc/machine-id)"
osiris-update --status | sed 's/^/appliance: status: /'
[ -e /run/twinslot-deadline ] && say 'the deadline runs' || say 'the deadline is stopped'
say "failed units: $(systemctl list-units --failed --plain --no-legend | cut -d' ' -f1 | tr '\\n' ' ')"
say "looked"
`
const LOOK_UNIT = `[Unit]
After=msp-health-gate.service twinslot-agent.service

[Service]
Type=oneshot
ExecStart=/bin/sh ${TESTS}/look
`

const FILES: Readonly<Record<string, string>> = {
  '/etc/twinslot/device.yaml': 'product: debian-appliance\n',
  '/usr/lib/systemd/system-generators/wrong-turn': GENERATOR,
  [`${TESTS}/stuck.service`]: early('echo 5 >/run/twinslot-deadline; exec sleep infinity'),
  [`${TESTS}/crash.service`]: early('kill -SEGV 1; exec sleep infinity'),
  [`${TESTS}/gate.conf`]: "[Service]\nExecStart=\nExecStart=/bin/sh -c 'kill -KILL $$$$'\n",
  [`${TESTS}/boot.conf`]: NO_FILESYSTEM,
  [`${TESTS}/var-lib-msp.conf`]: NO_FILESYSTEM,
  [`${TESTS}/look`]: LOOK,
  '/etc/systemd/system/look.service': LOOK_UNIT,
  // Everything but the network is asked: there is no server here.
  '/etc/twinslot/probes.yaml': 'health_checks: [{name: mounts, builtin: mounts, options: {layout: hp-t640}}]\n',
}

/** Writes recipe and files below `folder`; answers the recipe's path. */
export async function strandedRecipe(folder: string): Promise<string> {
  const over = join(folder, 'over')
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(over, path)), { recursive: true })
    await writeFile(join(over, path), text)
    if (text.startsWith('#!')) await chmod(join(over, path), 0o755)
  }
  const wants = join(over, 'etc/systemd/system/multi-user.target.wants')
  await mkdir(wants)
  await symlink('../look.service', join(wants, 'look.service'))
  const recipe = join(REPO, 'device/image/debian/build-config.yaml')
  const files = `from: ${join(recipe, '../files')}\n    to: /\n  - from: ${over}\n    to: /`
  const text = (await readFile(recipe, 'utf8'))
    .replace('from: files\n    to: /', files)
    // What the image is for is tested elsewhere.
    .replace(/^tests:\n(?: .*\n)+/m, '')
    .replace(/^ {2}- python3-minimal\n/m, '')
  const file = join(folder, 'stranded.yaml')
  await writeFile(file, text)
  return file
}
