// German: config drafts and their restore.
import type { configEn } from './config.en.ts'

export const configDe: Record<keyof typeof configEn, string> = {
  'config.description': 'Eine Konfiguration öffnen, bearbeiten und auf ein Gerät schreiben.',
  'config.from': 'Entwurf aus {from}',
  'config.none': 'Keine Konfiguration ist geöffnet',
  'config.noneText':
    'Öffnen Sie einen Ordner, oder lesen Sie /config eines Geräts. Sie bearbeiten eine Kopie; ohne Bestätigung wird nichts geschrieben.',
  'config.openFolder': 'Ordner öffnen …',
  'config.openUnit': 'Von Gerät lesen',
  'config.unitOption': '/config von {name}',
  'config.chooseFolder': 'Ordner wählen',
  'config.noFolder': 'Kein Ordner zur Auswahl. Legen Sie ihn in den Ordner der Konsole für Konfigurationen.',
  'config.notOpened': 'Die Konfiguration konnte nicht geöffnet werden',
  'config.files': 'Dateien',
  'config.chooseFile': 'Wählen Sie eine Datei.',
  'config.secret': 'geheim, verborgen',
  'config.secretTitle': 'Diese Datei ist geheim',
  'config.secretText':
    'Sie bleibt, wie sie ist ({size}), und wird hier weder gezeigt noch bearbeitet. Ändern Sie sie im Ordner, aus dem sie kommt, und öffnen Sie ihn erneut.',
  'config.binary': 'Diese Datei ist kein Text ({size}). Sie bleibt, wie sie ist.',
  'config.checking': 'Noch nicht geprüft …',
  'config.kept': 'Im Entwurf gespeichert',
  'config.notKept': 'Die Änderung wurde nicht gespeichert',
  'config.tabHint': 'Tab verlässt das Textfeld.',
  'config.validation': 'Prüfung',
  'config.valid': 'Keine Fehler gefunden.',
  'config.mistakes': '{count, plural, =0 {keine Fehler} one {# Fehler} other {# Fehler}}',
  'config.fileLine': '{file}, Zeile {line, number}',
  'config.toProvision':
    '{count, plural, one {Für das Bereitstellen von # gewähltem Gerät verwenden} other {Für das Bereitstellen von # gewählten Geräten verwenden}}',
  'config.restoreText': 'Ersetzt alle Dateien von /config auf dem Gerät durch diesen Entwurf. Slots und Daten bleiben.',
  'config.withMistakes':
    '{count, plural, one {Trotz # Fehler wiederherstellen} other {Trotz # Fehlern wiederherstellen}}',
  'config.restoreUnit': 'Gerät, auf das geschrieben wird',
  'config.chooseUnit': 'Gerät wählen',
  'config.unitSize': '{name} – {size}',
  'config.unitBusy': 'Auf diesem Gerät läuft ein Auftrag.',
  'config.obstacle.no-draft': 'Öffnen Sie zuerst eine Konfiguration.',
  'config.obstacle.unsaved': 'Die letzte Änderung wird noch geprüft.',
  'config.obstacle.mistakes': 'Beheben oder akzeptieren Sie zuerst die Fehler.',
  'config.obstacle.no-unit': 'Wählen Sie zuerst das Gerät.',
}
