// German: refusals, warnings and failures that are met often. Short sentences; what to do comes second.
import type { ProblemTexts } from './problem-codes.ts'

export const problemsDe: ProblemTexts = {
  'disk.system': [
    'Von dem Datenträger {disk} läuft dieser Rechner.',
    'Wählen Sie einen anderen; dieser wird nie beschrieben.',
  ],
  'disk.mounted': [
    'Der Datenträger {disk} ist eingehängt: {found}.',
    'Werfen Sie ihn im Dateimanager aus und lassen Sie ihn angesteckt.',
  ],
  'disk.in-use': [
    'Der Datenträger {disk} wird benutzt: {found}.',
    'Schließen Sie, was ihn benutzt (LUKS, LVM, RAID, Loop-Gerät oder Swap).',
  ],
  'disk.busy': [
    'Der Datenträger {disk} wird gerade benutzt.',
    'Hängen Sie ihn aus, und beenden Sie das Programm, das ihn benutzt. Starten Sie dann erneut.',
  ],
  'disk.read-only': [
    'Der Datenträger {disk} lässt sich nur lesen.',
    'Sehen Sie nach dem Schiebeschalter an Karte oder Stick, und wie der Datenträger angeschlossen ist.',
  ],
  'disk.too-small': [
    'Der Datenträger {disk} hat {found_bytes}; gebraucht werden {needed_bytes}.',
    'Nehmen Sie einen größeren Datenträger oder eine Aufteilung mit kleineren Partitionen.',
  ],
  'disk.sector-size': [
    'Der Datenträger hat Sektoren von {found} Bytes; möglich sind 512 und 4096.',
    'Nehmen Sie einen anderen Datenträger, oder stellen Sie ihn mit dem Programm des Herstellers um.',
  ],
  'disk.no-permission': [
    'Das System erlaubt den Zugriff auf {disk} nicht.',
    'Starten Sie erneut und stimmen Sie zu, wenn Sie gefragt werden.',
  ],
  'disk.not-found': ['Unter {disk} ist kein Datenträger und keine Abbilddatei.', 'Stecken Sie ihn wieder an.'],
  'disk.lost': [
    'Der Datenträger {disk} ist verschwunden.',
    'Prüfen Sie Kabel und Anschluss, und starten Sie den Auftrag erneut: Er macht dort weiter und prüft, was schon da ist.',
  ],
  'disk.full': [
    'Beim Schreiben von {disk} ging der Platz aus.',
    'Schaffen Sie Platz auf der Festplatte, auf der die Abbilddatei liegt. Starten Sie dann erneut.',
  ],
  'disk.read-failed': [
    'Auf {disk} ließ sich ab Byte {offset} nicht lesen.',
    'Nehmen Sie ein anderes Kabel oder einen anderen Anschluss. Scheitert es an derselben Stelle, ist der Datenträger verschlissen: Tauschen Sie ihn.',
  ],
  'disk.write-failed': [
    'Auf {disk} ließ sich ab Byte {offset} nicht schreiben.',
    'Nehmen Sie ein anderes Kabel oder einen anderen Anschluss. Scheitert es an derselben Stelle, ist der Datenträger verschlissen: Tauschen Sie ihn.',
  ],
  'layout.disk-too-small': [
    'Die Aufteilung {layout} braucht {needed_bytes}; der Datenträger hat {found_bytes}.',
    'Nehmen Sie einen größeren Datenträger oder eine Aufteilung mit kleineren Partitionen.',
  ],
  'runner.never-touch': [
    'Der Datenträger mit der Seriennummer {found} steht auf der Sperrliste.',
    'Wählen Sie einen anderen, oder nehmen Sie ihn in den Einstellungen von der Liste.',
  ],
  'runner.no-trust': [
    'Auf diesem Rechner steht noch nicht, wessen Schlüsseln das Programm, das schreibt, vertraut.',
    'Nichts wurde geschrieben. Eine Administratorin oder ein Administrator gibt sie einmal an: sudo twinslot-guard trust < KEYS.asc',
  ],
  'disk.moved': [
    'Unter dem Namen {disk} liegt nicht mehr, was geöffnet wurde.',
    'Was jetzt dort liegt, blieb unberührt. Sehen Sie nach, wohin die Datei kam, und starten Sie den Auftrag dann erneut.',
  ],
  'runner.not-started': [
    'Das Programm, das schreibt, ließ sich nicht starten.',
    'Nichts wurde geschrieben. Starten Sie erneut und stimmen Sie zu; wurden Sie nicht gefragt, hilft die Verwaltung dieses Rechners.',
  ],
  'host.twin': [
    'Ein anderes Gerät hier meldet dieselbe Kennung.',
    'Ziehen Sie das gemeinte ab und stecken Sie es wieder an: Danach ist es bekannt.',
  ],
  'host.usb-slow': [
    '{disk} ist mit {found} Mbit/s angeschlossen; USB 3 hat {expected}.',
    'Nehmen Sie einen USB-3-Anschluss mit passendem Kabel, oder planen Sie mehr Zeit ein.',
  ],
  'host.plan-gone': [
    'Dieser Plan wartet nicht mehr auf eine Bestätigung.',
    'Planen Sie neu und bestätigen Sie den neuen Plan.',
  ],
  'host.not-confirmed': [
    'Verlangt ist „{expected}“; getippt wurde „{found}“.',
    'Vergleichen Sie mit dem Aufkleber des Datenträgers und tippen Sie es erneut. Nichts wurde geschrieben.',
  ],
  'host.confirmed-early': [
    'Der Start kam zu früh. Die kurze Wartezeit ist da, damit niemand aus Versehen startet.',
    'Lesen Sie, was gelöscht wird, und starten Sie dann. Nichts wurde geschrieben.',
  ],
  'host.guarded': [
    'Was die Datenträger schützt, wurde nicht geändert.',
    'Beantworten Sie die Frage außerhalb der Seite: im Fenster der Desktop-App oder im Terminal, in dem die Konsole gestartet wurde. Ohne beides nimmt die Konsole Schlüssel beim Start an.',
  ],
  'host.declined': [
    'Die Frage „Mit dem Schreiben beginnen?“ wurde mit Abbrechen beantwortet.',
    'Nichts wurde geschrieben. Bestätigen Sie den Plan erneut, wenn er stimmt.',
  ],
  'host.unknown-token': [
    'Das Gewählte gibt es nicht mehr.',
    'Es wurde inzwischen entfernt oder abgezogen: Wählen Sie neu.',
  ],
  'host.check-running': [
    'Es wird schon gelesen: {found} von {expected} Bytes sind fertig.',
    'Warten Sie das Ende dieser Prüfung ab, oder brechen Sie sie ab.',
  ],
  'host.image-bad': [
    'Das Abbild {name} hat seine Prüfung nicht bestanden.',
    'Unter „Abbilder“ steht, warum. Importieren Sie ein gutes.',
  ],
  'host.image-exists': [
    'Die Sammlung hat schon ein Abbild namens {name}.',
    'Entfernen Sie erst jenes, oder benennen Sie die neue Datei um.',
  ],
  'host.image-pinned': ['Das Abbild {name} ist angeheftet.', 'Lösen Sie es erst, dann lässt es sich entfernen.'],
  'plan.not-ab-disk': [
    'Auf {disk} sind kein ESP und keine Slots A und B zu lesen.',
    'Soll daraus ein Appliance-Datenträger werden, stellen Sie ihn bereit.',
  ],
  'plan.only-slot': [
    'Von Slot {slot} startet der Datenträger, und Slot {other} hat den Zustand „{verdict}“: Jetzt zu schreiben ließe nichts Startfähiges übrig.',
    'Schreiben Sie erst Slot {other}, lassen Sie ihn sich bewähren und setzen Sie ihn als Standard.',
  ],
  'plan.no-boot-files': [
    'Das Abbild {release} bringt keine Startdateien mit; ein neuer Datenträger könnte nicht starten.',
    'Wählen Sie dazu ein signiertes Abbild mit Startdateien.',
  ],
  'plan.no-system-image': ['Das Abbild {release} enthält kein System.', 'Wählen Sie ein Abbild mit System.'],
  'plan.image-too-large': [
    'Das Abbild hat {imageSize_bytes}; Slot {slot} fasst {slotSize_bytes}.',
    'Nehmen Sie ein kleineres Abbild oder eine Aufteilung mit größeren Slots.',
  ],
  'plan.boot-product': [
    'Das System ist für das Produkt {system}, die Startdateien sind für {boot}.',
    'Nehmen Sie beides vom selben Produkt.',
  ],
  'plan.disk-changed': [
    'Bestätigt war {expected}; unter {path} ist jetzt {found}.',
    'Sehen Sie nach, welcher Datenträger angesteckt ist. Planen und bestätigen Sie dann neu.',
  ],
  'plan.changed': [
    'Kurz vor dem ersten Schreiben ergab sich ein anderer Plan als der bestätigte.',
    'Datenträger, Abbild oder Auftrag haben sich geändert. Sehen Sie den neuen Plan an und bestätigen Sie ihn.',
  ],
  'plan.nothing-to-repair': ['Auf {disk} gibt es nichts zu reparieren.', 'Sie brauchen nichts zu tun.'],
  'slot.not-selectable': [
    'Slot {slot} hat den Zustand „{verdict}“: Wählbar ist nur ein vollständig geschriebener Slot.',
    'Schreiben Sie erst ein Abbild hinein, oder nennen Sie einen Grund; er wird vermerkt.',
  ],
  'slot.last-good': [
    'Slot {slot} lässt sich nicht als schlecht markieren: Slot {other} hat den Zustand „{verdict}“, nichts Startfähiges bliebe übrig.',
    'Schreiben Sie erst ein Abbild in Slot {other}, oder nennen Sie einen Grund; er wird vermerkt.',
  ],
  'release.older-counter': [
    'Installiert ist Versionszähler {expected}; dieses Abbild hat {found}, ist also älter.',
    'Nehmen Sie ein neueres, oder erlauben Sie das ältere mit einem Grund; er wird vermerkt.',
  ],
  'release.minimum-version': [
    'Installiert ist Version {found}; dieses Abbild darf erst auf Version {expected} oder neuer folgen.',
    'Installieren Sie zuerst Version {expected}.',
  ],
  'release.other-product': [
    'Dieser Datenträger enthielt das Produkt {found}; das Abbild ist für das Produkt {expected}.',
    'Prüfen Sie, ob es das richtige Gerät und das richtige Abbild ist. Soll das Produkt wechseln, geben Sie einen Grund an; er wird vermerkt.',
  ],
  'release.wrong-product': [
    'Das Abbild ist für das Produkt {found}; gebraucht wird {expected}.',
    'Wählen Sie das Abbild für {expected}.',
  ],
  'release.wrong-hardware': [
    'Das Abbild ist für {found}; dieses Gerät ist {expected}.',
    'Wählen Sie ein Abbild für diese Hardware.',
  ],
  'release.expired': [
    'Das Abbild ist seit {expired} abgelaufen.',
    'Nehmen Sie ein neueres, und prüfen Sie Datum und Uhrzeit dieses Rechners.',
  ],
  'release.from-future': [
    'Das Abbild wurde laut Signatur erst {created} erstellt, also nach jetzt.',
    'Prüfen Sie Datum und Uhrzeit dieses Rechners.',
  ],
  'format.bundle-truncated': [
    'Die Release-Datei ist unvollständig: Sie hat {found} Byte, nötig sind {expected}.',
    'Holen Sie das Abbild erneut; die Kopie brach vorzeitig ab.',
  ],
  'format.bundle-trailing': [
    'Die Release-Datei hat nach ihrem Ende noch etwas: Nötig sind {expected} Byte, sie hat {found}.',
    'Holen Sie das Abbild erneut; etwas wurde angehängt.',
  ],
  'format.bundle-magic': [
    'Die Datei ist keine Release-Datei: Sie beginnt mit {found} statt mit {expected}.',
    'Wählen Sie die Release-Datei selbst; ein .img braucht seine .sha256 und .asc daneben.',
  ],
  'release.empty': ['{path} ist leer (0 Byte).', 'Holen Sie das Abbild noch einmal.'],
  'write.source-mismatch': [
    'Das Abbild ist beschädigt oder verändert: Block {block} von {source} ist nicht der signierte. Dieser Block wurde nirgends geschrieben.',
    'Holen Sie das Abbild neu vom Hersteller und importieren Sie dieses.',
  ],
  'release.block-mismatch': [
    'Das Abbild ist beschädigt oder verändert: Block {index} von {role} ist nicht der signierte.',
    'Holen Sie das Abbild erneut.',
  ],
  'release.image-mismatch': [
    'Das Abbild widerspricht sich selbst: {role} hat eine andere Prüfsumme als angegeben.',
    'Sein Hersteller muss es neu bauen.',
  ],
  'release.checksum-mismatch': [
    'Die Prüfsumme von {name} stimmt nicht.',
    'Holen Sie das Abbild erneut; es ist beschädigt oder eine andere Version.',
  ],
  'release.checksum-missing': [
    'Die Prüfsummendatei {path} fehlt.',
    'Legen Sie sie neben das Abbild; ohne sie wird nichts geschrieben.',
  ],
  'release.truncated': ['{name} ist unvollständig.', 'Holen Sie das Abbild erneut; die Kopie brach vorzeitig ab.'],
  'trust.unknown-key': [
    'Signiert hat der Schlüssel {key}; er steht nicht auf Ihrer Vertrauensliste.',
    'Vertrauen Sie ihm, importieren Sie ihn unter „Vertrauen“; vergleichen Sie vorher den ganzen Fingerabdruck auf anderem Weg.',
  ],
  'trust.key-expired': [
    'Der Schlüssel {key} ist seit {expired} abgelaufen.',
    'Bitten Sie den Hersteller um den erneuerten Schlüssel oder ein neu signiertes Abbild. Prüfen Sie auch die Uhr hier.',
  ],
  'trust.key-revoked': [
    'Der Schlüssel {key} wurde von seinem Inhaber widerrufen.',
    'Benutzen Sie dieses Abbild nicht. Bitten Sie den Hersteller um ein neu signiertes.',
  ],
  'trust.signature-expired': [
    'Die Signatur galt bis {expired}.',
    'Bitten Sie um ein neu signiertes Abbild, und prüfen Sie Datum und Uhrzeit dieses Rechners.',
  ],
  'trust.signature-future': [
    'Die Signatur ist von {signedAt}, also von nach jetzt.',
    'Prüfen Sie Datum und Uhrzeit dieses Rechners.',
  ],
  'trust.signature-missing': [
    'Die Signatur fehlt: {name} ist nicht da oder leer.',
    'Holen Sie die Signatur zum Abbild; ohne sie wird nichts geschrieben.',
  ],
  'trust.wrong-data': [
    'Die Signatur von {key} passt nicht zu {name}: Die Datei wurde verändert, ist beschädigt oder eine andere.',
    'Holen Sie Abbild und Signatur erneut. Scheitert es wieder, benutzen Sie das Abbild nicht.',
  ],
  'job.cancelled': [
    'Der Auftrag wurde abgebrochen.',
    'Starten Sie ihn erneut: Er macht dort weiter und prüft, was schon da ist.',
  ],
}
