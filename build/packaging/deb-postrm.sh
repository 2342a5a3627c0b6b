#!/bin/sh
# Takes away what the installation put outside of /opt, but not when it is only being replaced by a newer version.
set -e
case ${1:-remove} in
  remove | purge)
    rm -f /usr/lib/twinslot/twinslot-runner /usr/lib/twinslot/twinslot-guard /usr/sbin/twinslot-guard /usr/share/polkit-1/actions/org.twinslot.runner.policy
    for link in /usr/bin/twinslot /usr/bin/twinslot-console; do
      case $(readlink "$link" || true) in /opt/Twinslot/*) rm -f "$link" ;; esac
    done
    rmdir --ignore-fail-on-non-empty /usr/lib/twinslot 2>/dev/null || true
    ;;
esac
