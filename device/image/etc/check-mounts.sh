#!/bin/sh
# Are the partitions of this appliance mounted where and how they should be? /etc/twinslot/mounts has a row for each, made
# from the layout: path and options. What is wrong is told; 0 when nothing is. Reads only, and runs nothing but the shell.
problems=0
wrong() {
  echo "check-mounts: $*" >&2
  problems=1
}
list=${TWINSLOT_MOUNTS:-/etc/twinslot/mounts}
table=${TWINSLOT_MOUNTINFO:-/proc/self/mountinfo}
[ -r "$list" ] || { wrong "$list cannot be read"; exit 1; }
while read -r path options; do
  case "$path" in /*) ;; *) continue ;; esac
  found=
  # Fields: id, parent, device, root, mount point, options, ..., -, type, source, options of the file system. A later mount
  # of the same place lies on top.
  while read -r _ _ _ _ point set rest; do
    [ "$point" = "$path" ] || continue
    found=$set
    case ",${rest##* }," in *,ro,*) found="ro,$(echo ",$set," | sed 's/,rw,/,/')" ;; esac
  done <"$table"
  [ -n "$found" ] || { wrong "$path is not mounted"; continue; }
  for option in $(echo "$options" | tr , ' '); do
    case ",$found," in *",$option,"*) ;; *) wrong "$path lacks $option" ;; esac
  done
done <"$list"
exit "$problems"
