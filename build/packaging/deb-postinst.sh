#!/bin/sh
# After the files are in place: polkit learns the runner, its wrapper goes where the policy names it, and the commands into
# the PATH. What was there from an older version is replaced.
set -e
runtime=/opt/Twinslot/resources/runtime
install -D -o root -g root -m 0755 "$runtime/polkit/twinslot-runner" /usr/lib/twinslot/twinslot-runner
install -D -o root -g root -m 0755 "$runtime/polkit/twinslot-guard" /usr/lib/twinslot/twinslot-guard
install -D -o root -g root -m 0644 "$runtime/polkit/org.twinslot.runner.policy" \
  /usr/share/polkit-1/actions/org.twinslot.runner.policy
# Everything that root will run belongs to root and nobody else writes it.
chown -R root:root "$runtime"
chmod -R go-w "$runtime"
ln -sf "$runtime/bin/twinslot" /usr/bin/twinslot
ln -sf /usr/lib/twinslot/twinslot-guard /usr/sbin/twinslot-guard
ln -sf /opt/Twinslot/twinslot-console /usr/bin/twinslot-console
# Without user namespaces for ordinary users Chromium's sandbox needs its set-uid helper.
if unshare --user true 2>/dev/null && [ "$(cat /proc/sys/kernel/apparmor_restrict_unprivileged_userns 2>/dev/null || echo 0)" = 0 ]
then chmod 0755 /opt/Twinslot/chrome-sandbox
else chmod 4755 /opt/Twinslot/chrome-sandbox
fi
