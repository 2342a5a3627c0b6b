// German: what a plan says, one message per kind.
import type { Sentences } from './sentences.en.ts'

export const sentencesDe: Sentences = {
  'plan.title.provision':
    'Datenträger {name} ({size}, {path}) wird gelöscht und mit {version} bereitgestellt (Aufteilung {layout}).',
  'plan.title.flash': 'Datenträger {name} ({size}, {path}): Slot {slot} wird mit {version} überschrieben.',
  'plan.title.slot-default': 'Datenträger {name} ({size}, {path}): Slot {slot} wird Standard.',
  'plan.title.slot-once': 'Datenträger {name} ({size}, {path}): Slot {slot} startet einmal.',
  'plan.title.slot-good': 'Datenträger {name} ({size}, {path}): Slot {slot} wird als gut markiert.',
  'plan.title.slot-bad': 'Datenträger {name} ({size}, {path}): Slot {slot} wird als schlecht markiert.',
  'plan.title.slot-reset': 'Datenträger {name} ({size}, {path}): Die Versuche von Slot {slot} werden zurückgesetzt.',
  'plan.title.repair-table': 'Datenträger {name} ({size}, {path}): Die Partitionstabelle wird repariert.',
  'plan.title.repair-environment': 'Datenträger {name} ({size}, {path}): Die Startumgebung wird repariert.',
  'plan.title.repair-ab-state':
    'Datenträger {name} ({size}, {path}): Die Datei, die den Slot auswählt, wird neu geschrieben.',
  'plan.title.repair-boot-loader': 'Datenträger {name} ({size}, {path}): Der Bootloader wird wiederhergestellt.',
  'plan.title.repair-slot-record': 'Datenträger {name} ({size}, {path}): Das Verzeichnis der Slots wird berichtigt.',
  'plan.title.repair-both-bad': 'Datenträger {name} ({size}, {path}): Ein unversehrter Slot bekommt noch eine Chance.',
  'plan.title.restore':
    'Datenträger {name} ({size}, {path}): /config wird durch {files, plural, one {# Datei} other {# Dateien}} ersetzt.',
  'plan.job.provision': 'Bereitgestellt mit {version} (Aufteilung {layout})',
  'plan.job.flash': '{version} in Slot {slot} geschrieben',
  'plan.job.slot-default': 'Slot {slot} als Standard gesetzt',
  'plan.job.slot-once': 'Slot {slot} für einen Start gewählt',
  'plan.job.slot-good': 'Slot {slot} als gut bestätigt',
  'plan.job.slot-bad': 'Slot {slot} als schlecht markiert',
  'plan.job.slot-reset': 'Versuche von Slot {slot} zurückgesetzt',
  'plan.job.repair-table': 'Partitionstabelle repariert',
  'plan.job.repair-environment': 'Startumgebung repariert',
  'plan.job.repair-ab-state': 'Auswahl des Slots repariert',
  'plan.job.repair-boot-loader': 'Bootloader wiederhergestellt',
  'plan.job.repair-slot-record': 'Verzeichnis der Slots berichtigt',
  'plan.job.repair-both-bad': 'Unversehrten Slot erneut gewählt',
  'plan.job.restore': '/config wiederhergestellt',
  'plan.erased.mbr-disk': 'ein Datenträger mit MBR-Partitionstabelle',
  'plan.erased.unknown-content': 'Inhalt unbekannter Art',
  'plan.erased.other-product': 'ein Gerät eines anderen Produkts: gefunden {found}, gewünscht {wanted}',
  'plan.erased.partition':
    'Partition {number} „{name}“ ({type, select, esp {EFI-System} linux {Linux} other {andere}}, {size}{held, select, version {, Version {version}} unnamed {, Version unbekannt} other {}})',
  'plan.erased.device-partition':
    '{node} „{name}“ ({type, select, esp {EFI-System} linux {Linux} other {andere}}, {size}{held, select, version {, Version {version}} unnamed {, Version unbekannt} other {}})',
  'plan.erased.slot':
    'Slot {slot} ({held, select, version {Version {version}} unnamed {Version unbekannt} empty {leer} incomplete {unvollständig} other {unbekannt}})',
  'plan.erased.config-partition': '/config, die ganze Partition {number} „{name}“',
  'plan.erased.config-files': 'die Dateien von /config in Partition {number} „{name}“',
  'plan.kept.slot': 'Slot {slot}',
  'plan.kept.esp': 'EFI-Systempartition',
  'plan.kept.config-and-data': 'Konfiguration und Daten',
  'plan.kept.both-slots': 'beide Slots',
  'plan.kept.boot-loader': 'Bootloader',
  'plan.kept.boot-loader-and-environment': 'Bootloader und seine Umgebung',
  'plan.kept.slot-choice': 'welcher Slot startet',
  'plan.kept.slots-and-boot': 'beide Slots und was startet',
  'plan.kept.other-partitions': 'alle anderen Partitionen',
  'plan.kept.other-data': 'alle anderen Daten',
  'plan.kept.partitions': 'jede Partition mit ihrem Inhalt',
  'plan.kept.everything': 'alles',
  'plan.step.wipe': 'Alte Partitionstabellen und Dateisystem-Kennungen löschen',
  'plan.step.write-slot': 'Slot {slot} schreiben: {size}, danach zurücklesen',
  'plan.step.write-slot-changed': 'Slot {slot} schreiben: {size}, danach zurücklesen (nur geänderte Blöcke)',
  'plan.step.make-filesystem':
    'Partition {number} „{name}“ anlegen: {filesystem}, {size}{files, plural, =0 {} one {, # Datei für /config} other {, # Dateien für /config}}',
  'plan.step.make-esp': 'EFI-Systempartition anlegen: {size}, Slot {slot} startet',
  'plan.step.probe-disk':
    'Marken über den ganzen Datenträger verteilen und zurücklesen: Er muss so groß sein, wie er angibt',
  'plan.step.check-disk':
    'Die Marken noch einmal lesen: Sie dürfen sich nicht geändert haben, während der Rest geschrieben wurde',
  'plan.step.write-table':
    'Partitionstabelle schreiben ({partitions, plural, one {# Partition} other {# Partitionen}}), den primären Header zuletzt',
  'plan.step.table-from-primary': 'Andere Seite der Partitionstabelle aus der primären neu schreiben',
  'plan.step.table-from-backup': 'Andere Seite der Partitionstabelle aus der Sicherung neu schreiben',
  'plan.step.record-incomplete': 'Slot {slot} als unvollständig vermerken',
  'plan.step.record-slot': 'Vermerken, was in Slot {slot} steht',
  'plan.step.check-slot': 'Slot {slot} prüfen: {size} lesen und mit der vermerkten Prüfsumme vergleichen',
  'plan.step.boot-once': 'Slot {slot} als Nächstes starten, einmal, bis er bestätigt ist',
  'plan.step.boot-trial':
    'Slot {slot} als Nächstes starten, {tries, plural, one {# Versuch} other {# Versuche}}, bis er bestätigt ist',
  'plan.step.boot-good': 'Slot {slot} als Nächstes starten (er ist als gut bestätigt)',
  'plan.step.mark-good': 'Slot {slot} als gut markieren und ab jetzt starten',
  'plan.step.mark-bad': 'Slot {slot} als schlecht markieren',
  'plan.step.reset-tries': 'Fehlermarke und Versuche von Slot {slot} löschen',
  'plan.step.write-selection': 'Datei schreiben, die den Slot auswählt: {slot}, wie er ohnehin startet',
  'plan.step.write-environment':
    'Beide Kopien der Startumgebung schreiben: {good, select, none {kein Slot ist gut} other {Slot {good} ist gut}}',
  'plan.step.write-environment-copy':
    'Beschädigte Kopie der Startumgebung schreiben: {good, select, none {kein Slot ist gut} other {Slot {good} ist gut}}',
  'plan.step.put-boot-files': '{files} wiederherstellen',
  'plan.step.write-record': 'Verzeichnis der Slots neu schreiben',
  'plan.step.identify-slot': 'Slot {slot} lesen und vermerken, was darin steht',
  'plan.step.identify-slots': 'Slot {first}, dann {second} lesen und vermerken, was darin steht',
  'plan.step.revive-slot':
    'Slot {slot} lesen; gleicht er seiner Prüfsumme, startet er als Nächstes, 3 Versuche, bis er bestätigt ist',
  'plan.step.revive-slots':
    'Slot {first}, dann {second} lesen; der erste, der seiner Prüfsumme gleicht, startet als Nächstes, 3 Versuche, bis er bestätigt ist',
  'plan.step.keep-config': 'Jetzige Dateien von /config in den Ordner des Journals kopieren',
  'plan.step.replace-files':
    'Dateien in /{directory} durch {files, plural, one {# andere} other {# andere}} ersetzen; alles Übrige bleibt',
}
