// German: what is known of a unit and from when, the line to the host, what goes onto a unit.
import type { knownEn } from './known.en.ts'

export const knownDe: Record<keyof typeof knownEn, string> = {
  'known.verified': 'Geprüft {time}',
  'known.differs': 'Slot {slots} weicht ab seit {time}',
  'known.partly': 'Slot {slots} geprüft {time}; der andere wurde nicht gelesen',
  'known.unread.plugged': 'Nicht gelesen, seit es angeschlossen wurde, {time}',
  'known.unread.written': 'Etwas hat darauf geschrieben, bemerkt {time}; seither nicht gelesen',
  'known.unread.interrupted': 'Ein Auftrag brach ab {time}; seither nicht gelesen',
  'known.job.done': 'Letzter Auftrag: {job}, fertig {time}',
  'known.job.failed': 'Letzter Auftrag: {job}, fehlgeschlagen {time}',
  'known.job.stopped': 'Letzter Auftrag: {job}, angehalten {time}',
  'known.job.interrupted': 'Letzter Auftrag: {job}, abgebrochen; Beginn {time}',
  'bench.content.looking': 'Wird gelesen …',
  'bench.content.half-written': 'Halb beschrieben',
  'bench.why.slots': 'Nur mit Slots: Slots & Rettung, Reparieren',
  'bench.why.one': 'Slots & Rettung: ein Gerät auf einmal',
  'provision.content.looking': 'Wird gelesen …',
  'provision.content.half-written': 'Halb beschrieben',
  'provision.obstacle.looking': 'Noch nicht wählbar: Es wird gelesen.',
  'finish.action': 'Dieses Gerät fertigstellen',
  'finish.title': 'Nicht fertig',
  'finish.text':
    'Diese Aufträge haben geschrieben und kamen nicht zum Ende. Was auf diesen Datenträgern ist, startet vielleicht nicht, bevor sie fertig sind.',
  'finish.line': '{unit}: {job}, begonnen {time}',
  'finish.obstacle.image-gone':
    'So wie begonnen ist es nicht fertigzustellen: Das Abbild ist nicht mehr in der Sammlung. Stellen Sie das Gerät neu bereit.',
  'finish.obstacle.config-gone':
    'So wie begonnen ist es nicht fertigzustellen: Die Konfiguration ist nicht mehr da. Öffnen Sie sie erneut und beginnen Sie neu.',
  'line.lost':
    'Die Verbindung zum Konsolenprogramm ist unterbrochen. Was Sie sehen, ist von {time}. Sie wird neu aufgebaut …',
  'line.lostText': 'Ob Aufträge weiterlaufen, ist erst bekannt, wenn die Verbindung wieder steht.',
  'line.silent': 'Das Konsolenprogramm antwortet nicht. Was Sie sehen, ist von {time}.',
  'line.silentText':
    'Ob Aufträge weiterlaufen, ist nicht bekannt. Bleibt es so, sehen Sie an dem Computer nach, auf dem die Konsole läuft.',
  'line.gone': 'Das Konsolenprogramm läuft nicht mehr. Was Sie sehen, ist von {time}.',
  'line.goneText':
    'Ein laufender Auftrag hält mit ihm an und ist nicht fertig. Starten Sie die Konsole neu und öffnen Sie die Adresse, die sie zeigt: Sie sagt, welche Geräte fertigzustellen sind.',
  'provision.missing.config-unit': 'Die Konfiguration wurde für ein anderes Gerät gewählt: neu wählen oder keine',
  'provision.configOneUnit': 'Eine Konfiguration gehört zu einem Gerät; {count, number} sind gewählt.',
  'provision.configFor': '{draft} – für Gerät {unit}',
  'plan.config': 'Konfiguration',
  'plan.configFrom': '{from}, {count, plural, one {# Datei} other {# Dateien}}',
  'plan.configUnit': 'von Gerät {unit}',
  'plan.configBefore': 'die, mit der begonnen wurde',
  'plan.image': 'Abbild',
  'plan.imageText': '{name}: Produkt {product}, Version {version}',
  'plan.imageUnnamed': '{name}: nennt weder Produkt noch Version',
  'plan.hardware': 'Für Hardware',
  'plan.hardwareAny': 'alle des Produkts',
  'plan.hardwareUnknown': 'wird nicht genannt',
  'plan.allLost': 'Die Konfiguration des Kunden (/config) und alle Daten auf diesem Datenträger gehen verloren.',
  'plan.noConfig': 'Keine Konfiguration: Die Appliance startet unkonfiguriert',
  'config.toProvisionOne':
    'Um sie beim Bereitstellen zu verwenden, wählen Sie ein Gerät: Eine Konfiguration gehört zu einem Gerät.',
  'config.toProvisionMistakes': 'Um sie beim Bereitstellen zu verwenden, beheben Sie zuerst ihre Fehler.',
  'images.checked': 'Geprüft',
  'images.checkedAll': 'jedes Byte gegen die signierten Prüfsummen und das Format des Systemabbilds, {time}',
  'images.checkedSignature': 'nur die Signatur; die Bytes wurden nicht gelesen, seit die Datei sich geändert hat',
  'images.checkedNot': 'nicht bestanden',
  'run.throughputMean': '{rate} im Mittel',
  'step.not-begun': 'nicht begonnen',
}
