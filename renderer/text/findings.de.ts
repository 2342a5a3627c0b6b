// German: what the host found, one message per kind.
import type { Findings } from './findings.en.ts'

export const findingsDe: Findings = {
  'problem.heldBy': 'Benutzt von: {holder}',
  'layout.hp-t640': 'HP-T640-Appliance: ESP 512 MB, Slots A und B je 2 GB, der Rest Daten (mit /config darin)',
  'layout.hypernet-server':
    'Hypernet-Server: ESP 512 MB, Slots A und B je 25 GB, Konfiguration, Daten, Medien, Protokolle und Cache',
  'summary.slot': '{slot}: {state}',
  'summary.slotVersion': '{slot}: {version}, {state}',
  'summary.mbr': 'MBR-Partitionstabelle',
  'summary.unknown': 'Inhalt unbekannter Art',
  'fallback.boot-failed':
    '{time}: Slot {slot} ({held, select, version {{version}} other {Version unbekannt}}) kam nicht hoch, {boots, plural, one {# Start} other {# Starts}} gezählt',
  'fallback.unhealthy':
    '{time}: Slot {slot} ({held, select, version {{version}} other {Version unbekannt}}) bestand seine Prüfung nicht, {boots, plural, one {# Start} other {# Starts}} gezählt',
  'fallback.unloadable':
    '{time}: Slot {slot} ({held, select, version {{version}} other {Version unbekannt}}) ließ sich nicht laden, {boots, plural, one {# Start} other {# Starts}} gezählt',
  'fallback.gate-failed':
    '{time}: Die Prüfung von Slot {slot} ({held, select, version {{version}} other {Version unbekannt}}) konnte nicht arbeiten, {boots, plural, one {# Start} other {# Starts}} gezählt',
  'fallback.operator':
    '{time}: Jemand ging von Slot {slot} ({held, select, version {{version}} other {Version unbekannt}}) zurück, {boots, plural, one {# Start} other {# Starts}} gezählt',
  'override.slot-default': '{time}, {by}: Slot {slot} als Standard gesetzt. Grund: {reason}',
  'override.slot-once': '{time}, {by}: Slot {slot} für einen Start gewählt. Grund: {reason}',
  'override.slot-good': '{time}, {by}: Slot {slot} als gut markiert. Grund: {reason}',
  'override.slot-bad': '{time}, {by}: Slot {slot} als schlecht markiert. Grund: {reason}',
  'override.slot-reset': '{time}, {by}: Versuche von Slot {slot} zurückgesetzt. Grund: {reason}',
  'override.older-release':
    '{time}, {by}: Slot {slot} bekam eine ältere Version, Zähler {found, number} statt {known, number}. Grund: {reason}',
  'override.as-written': '{time}, {by}: Slot {slot}, {title}. Grund: {reason}',
  'selftest.node': 'Node {node} auf {system}.',
  'selftest.node-needed': 'Gebraucht wird Node {least, number} oder neuer.',
  'selftest.runner': 'Ein Schreibprogramm wurde gestartet und hat geantwortet.',
  'selftest.disks': '{count, number} auf der Werkbank, {hidden, number} verborgen.',
  'selftest.root': 'Diese Konsole läuft als root; das ist mehr, als sie braucht.',
  'selftest.no-disk': 'Kein Datenträger angeschlossen; Abbilddateien brauchen keine Rechte.',
  'selftest.all-writable':
    '{count, plural, one {Dieser Benutzer darf den Datenträger beschreiben.} other {Dieser Benutzer darf alle # Datenträger beschreiben.}}',
  'selftest.consent-each':
    '{count, number} von {total, number} Datenträgern brauchen für jeden Auftrag eine Zustimmung.',
  'selftest.consent-root': 'Nicht nötig: Diese Konsole läuft als root.',
  'selftest.consent-dialog': 'Das System fragt selbst, bevor ein Datenträger beschrieben wird.',
  'selftest.no-pkexec': 'pkexec ist nicht installiert: Datenträger anderer Benutzer lassen sich nicht beschreiben.',
  'selftest.agent': 'pkexec ist da, und {agent} kann fragen.',
  'selftest.no-agent':
    'pkexec ist da, aber kein Polkit-Agent wurde gesehen: Vielleicht kann niemand seine Frage beantworten.',
  'selftest.tools': 'Alle Programme sind da: {tools}.',
  'selftest.tool-missing': '{tool} fehlt ({remedy}).',
  'selftest.tool-missing-for':
    '{tool} fehlt, für {use, select, xfs {Aufteilungen mit XFS} encryption {verschlüsselte Aufteilungen} other {das Wiederherstellen von /config}} ({remedy}).',
  'selftest.space': '{size} frei im Datenordner.',
  'selftest.space-low': 'Abbilder und Berichte lassen sich vielleicht nicht speichern.',
  'selftest.clock': '{time} ({zone}).',
  'selftest.clock-behind': 'Die Uhr geht nach: Ein Abbild der Sammlung ist vom {time}.',
  'selftest.clock-unknown': 'Ob ein Zeitdienst sie stellt, ist nicht bekannt.',
  'selftest.clock-kept': 'Ein Zeitdienst stellt sie.',
  'selftest.clock-not-kept': 'Kein Zeitdienst stellt sie.',
  'selftest.usb-unseen': 'Wie schnell die USB-Anschlüsse sind, zeigt dieses System nicht.',
  'selftest.usb-none': 'Kein USB-Controller wurde gesehen.',
  'selftest.usb-fastest': 'Der schnellste Controller hat {speed, number} Mbit/s.',
  'selftest.usb-slow': 'Langsam: {path} mit {speed, number} Mbit/s.',
  'selftest.usb-no-3': 'Es gibt kein USB 3.',
}
