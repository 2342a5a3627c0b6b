// German: why a job stopped, for each cause of the contract: what stopped, what we know, what to do next.
import type { CauseTexts } from './causes.en.ts'

export const causesDe: CauseTexts = {
  'cause.cable.stopped': 'Das Schreiben hielt an: Die Verbindung zum Datenträger brach ab.',
  'cause.cable.known':
    'Der Datenträger verschwand beim Schreiben und kam wieder, oder er meldet Fehler seiner Verbindung. So sieht ein loser Stecker oder ein schlechtes Kabel aus.',
  'cause.cable.next':
    'Nehmen Sie ein anderes Kabel und einen anderen Anschluss, ohne Hub. Starten Sie den Auftrag dann erneut.',
  'cause.disk-gone.stopped': 'Das Schreiben hielt an: Der Datenträger ist nicht mehr da.',
  'cause.disk-gone.known': 'Der Datenträger verschwand während des Auftrags und kam nicht wieder.',
  'cause.disk-gone.next':
    'Stecken Sie ihn wieder an und prüfen Sie seine Stromversorgung. Wenn er auf der Werkbank steht, starten Sie den Auftrag erneut.',
  'cause.disk-full.stopped': 'Der Auftrag hielt an: Es ist kein Platz mehr frei.',
  'cause.disk-full.known':
    'Der Ort, an den geschrieben wurde, ist voll. Bei einem virtuellen Datenträger ist das die Festplatte dieses Rechners.',
  'cause.disk-full.next':
    'Schaffen Sie Platz oder wählen Sie einen größeren Datenträger. Starten Sie den Auftrag dann erneut.',
  'cause.busy.stopped': 'Der Auftrag begann nicht: Ein anderes Programm benutzt den Datenträger.',
  'cause.busy.known':
    'Ein anderes Programm hält den Datenträger fest; die Einzelheiten nennen es, falls es bekannt ist.',
  'cause.busy.next':
    'Schließen Sie das Programm oder warten Sie, bis es fertig ist. Starten Sie den Auftrag dann erneut.',
  'cause.mounted.stopped': 'Der Auftrag begann nicht: Dieser Rechner benutzt den Datenträger.',
  'cause.mounted.known': 'Eine Partition des Datenträgers ist eingehängt; die Einzelheiten sagen, wo.',
  'cause.mounted.next':
    'Werfen Sie ihn im Dateimanager aus und lassen Sie ihn angesteckt. Starten Sie den Auftrag dann erneut.',
  'cause.read-only.stopped': 'Der Auftrag begann nicht: Der Datenträger lässt sich nicht beschreiben.',
  'cause.read-only.known': 'Der Datenträger meldet, dass er schreibgeschützt ist.',
  'cause.read-only.next':
    'Suchen Sie einen Schiebeschalter an Karte oder Adapter. Ein Datenträger, der sich selbst sperrt, ist verschlissen: Tauschen Sie ihn.',
  'cause.permission.stopped': 'Der Auftrag begann nicht: Die Konsole darf diesen Datenträger nicht öffnen.',
  'cause.permission.known': 'Das Betriebssystem hat den Zugriff verweigert.',
  'cause.permission.next':
    'Starten Sie den Auftrag erneut und stimmen Sie zu, wenn Sie gefragt werden. Werden Sie nicht gefragt, wenden Sie sich an die Verwaltung dieses Rechners.',
  'cause.no-polkit-agent.stopped': 'Der Auftrag begann nicht: Niemand konnte um Zustimmung gefragt werden.',
  'cause.no-polkit-agent.known':
    'Auf dieser Arbeitsfläche läuft kein Programm, das nach dem Verwalterpasswort fragt (Polkit-Agent).',
  'cause.no-polkit-agent.next':
    'Melden Sie sich an einer vollständigen Arbeitsfläche an, oder starten Sie die Konsole aus einem Terminal mit ausreichenden Rechten.',
  'cause.consent-refused.stopped': 'Der Auftrag begann nicht: Die Zustimmung wurde nicht gegeben.',
  'cause.consent-refused.known': 'Die Frage nach dem Verwalterpasswort wurde abgebrochen oder falsch beantwortet.',
  'cause.consent-refused.next': 'Starten Sie den Auftrag erneut und stimmen Sie zu.',
  'cause.fake-capacity.stopped': 'Der Auftrag schlug fehl: Der Datenträger behält nicht, was geschrieben wurde.',
  'cause.fake-capacity.known':
    'Von verschiedenen Stellen kam dasselbe zurück. Der Datenträger gibt sich größer aus, als er ist.',
  'cause.fake-capacity.next':
    'Benutzen Sie diesen Datenträger nicht. Kennzeichnen Sie ihn und geben Sie ihn dem Händler zurück.',
  'cause.worn-out.stopped': 'Der Auftrag schlug fehl: Was zurückgelesen wurde, ist nicht, was geschrieben wurde.',
  'cause.worn-out.known':
    'Der Datenträger nahm das Geschriebene an und gibt anderes zurück. Das tut verschlissener Flash-Speicher; ein schlechtes Kabel oder ein Adapter kann es auch.',
  'cause.worn-out.next':
    'Beginnen Sie neu mit anderem Kabel und Anschluss. Schlägt es wieder fehl, tauschen Sie den Datenträger; sichern Sie vorher Daten, die noch gebraucht werden.',
  'cause.bad-sectors.stopped':
    'Der Auftrag schlug fehl: Teile des Datenträgers lassen sich nicht lesen oder schreiben.',
  'cause.bad-sectors.known': 'Der Datenträger meldete an bestimmten Stellen Fehler, auch beim erneuten Versuch.',
  'cause.bad-sectors.next': 'Tauschen Sie den Datenträger. Ein neuer Versuch mit demselben hilft nicht lange.',
  'cause.too-small.stopped': 'Der Auftrag begann nicht: Der Datenträger ist zu klein.',
  'cause.too-small.known': 'Die Aufteilung braucht mehr Platz, als dieser Datenträger hat.',
  'cause.too-small.next': 'Wählen Sie eine kleinere Aufteilung oder einen größeren Datenträger.',
  'cause.sector-size.stopped': 'Der Auftrag begann nicht: Der Datenträger hat eine andere Sektorgröße.',
  'cause.sector-size.known': 'Das Abbild ist für Sektoren von 512 Byte gemacht; dieser Datenträger hat andere.',
  'cause.sector-size.next':
    'Nehmen Sie einen Datenträger mit Sektoren von 512 Byte oder einen, der sich darauf umstellen lässt.',
  'cause.system-disk.stopped': 'Der Auftrag wurde abgelehnt: Das ist ein Datenträger dieses Rechners.',
  'cause.system-disk.known': 'Das Betriebssystem, das Sie gerade benutzen, läuft von diesem Datenträger.',
  'cause.system-disk.next': 'Wählen Sie einen anderen Datenträger. Dieser wird nie beschrieben.',
  'cause.never-touch.stopped': 'Der Auftrag wurde abgelehnt: Dieser Datenträger steht auf der Nie-anfassen-Liste.',
  'cause.never-touch.known': 'Seine Seriennummer steht in der Liste unter Einstellungen.',
  'cause.never-touch.next':
    'Wählen Sie einen anderen. Steht er aus Versehen auf der Liste, streichen Sie ihn unter Einstellungen.',
  'cause.twin.stopped': 'Der Auftrag wurde abgelehnt: Zwei Datenträger lassen sich nicht unterscheiden.',
  'cause.twin.known': 'Ein anderer Datenträger meldet dieselbe Seriennummer, oder beide melden keine.',
  'cause.twin.next': 'Ziehen Sie alle ab außer dem, den Sie meinen. Starten Sie den Auftrag dann erneut.',
  'cause.swapped.stopped': 'Der Auftrag wurde abgelehnt: An dieser Stelle ist jetzt ein anderer Datenträger.',
  'cause.swapped.known':
    'Unmittelbar vor dem ersten Schreiben wurde eine andere Seriennummer gelesen als bei der Bestätigung.',
  'cause.swapped.next':
    'Sehen Sie nach, welcher Datenträger angesteckt ist, machen Sie einen neuen Plan und bestätigen Sie ihn.',
  'cause.changed.stopped': 'Der Auftrag wurde abgelehnt: Der Datenträger hat sich nach der Bestätigung geändert.',
  'cause.changed.known': 'Auf dem Datenträger ist nicht mehr das, wofür der Plan gemacht wurde.',
  'cause.changed.next': 'Machen Sie einen neuen Plan und bestätigen Sie ihn.',
  'cause.not-an-appliance.stopped': 'Der Auftrag wurde abgelehnt: Das ist kein Datenträger einer Appliance.',
  'cause.not-an-appliance.known': 'Die Partitionen, die der Auftrag braucht, sind nicht da.',
  'cause.not-an-appliance.next': 'Wählen Sie einen anderen, oder stellen Sie diesen bereit; das löscht alles darauf.',
  'cause.damaged-image.stopped': 'Der Auftrag hielt an: Das Abbild ist beschädigt.',
  'cause.damaged-image.known': 'Ein Teil des Abbilds ist nicht das, was signiert wurde.',
  'cause.damaged-image.next':
    'Importieren Sie das Abbild neu von seiner Quelle und lassen Sie es unter Abbilder prüfen.',
  'cause.unknown-signer.stopped': 'Der Auftrag wurde abgelehnt: Das Abbild hat niemand signiert, dem Sie vertrauen.',
  'cause.unknown-signer.known': 'Das Abbild ist mit einem Schlüssel signiert, der nicht auf Ihrer Liste steht.',
  'cause.unknown-signer.next':
    'Lassen Sie sich den Schlüssel vom Hersteller geben, vergleichen Sie den Fingerabdruck und importieren Sie ihn unter Vertrauen.',
  'cause.signer-expired.stopped': 'Der Auftrag wurde abgelehnt: Der Schlüssel ist abgelaufen oder widerrufen.',
  'cause.signer-expired.known': 'Der Schlüssel galt beim Signieren nicht, oder er gilt nicht mehr.',
  'cause.signer-expired.next': 'Importieren Sie den erneuerten Schlüssel unter Vertrauen oder ein neueres Abbild.',
  'cause.unsigned.stopped': 'Der Auftrag wurde abgelehnt: Das Abbild ist nicht signiert.',
  'cause.unsigned.known': 'Zu diesem Abbild gehört keine gültige Signatur.',
  'cause.unsigned.next': 'Besorgen Sie das signierte Abbild vom Hersteller, samt Signaturdatei.',
  'cause.release-expired.stopped': 'Der Auftrag wurde abgelehnt: Das Abbild ist über sein Datum hinaus.',
  'cause.release-expired.known':
    'Der Hersteller hat dieser Ausgabe ein Ende der Gültigkeit gegeben, und es ist vorbei.',
  'cause.release-expired.next':
    'Importieren Sie eine neuere Ausgabe. Müsste diese noch gelten, prüfen Sie die Uhr dieses Rechners.',
  'cause.clock.stopped': 'Der Auftrag wurde abgelehnt: Die Uhr dieses Rechners geht falsch.',
  'cause.clock.known': 'Das Datum liegt vor der Signatur oder weit weg von jedem bekannten Datum.',
  'cause.clock.next': 'Stellen Sie Datum und Uhrzeit dieses Rechners. Starten Sie den Auftrag dann erneut.',
  'cause.wrong-product.stopped': 'Der Auftrag wurde abgelehnt: Das Abbild ist für ein anderes Produkt.',
  'cause.wrong-product.known': 'Der Datenträger gehört zu einem Produkt, das Abbild zu einem anderen.',
  'cause.wrong-product.next': 'Wählen Sie ein Abbild desselben Produkts.',
  'cause.wrong-hardware.stopped': 'Der Auftrag wurde abgelehnt: Das Abbild ist für andere Hardware.',
  'cause.wrong-hardware.known': 'Das Abbild nennt die Hardware, auf der es läuft, und dieses Gerät gehört nicht dazu.',
  'cause.wrong-hardware.next': 'Wählen Sie das Abbild für diese Hardware.',
  'cause.older-release.stopped': 'Der Auftrag wurde abgelehnt: Das Abbild ist älter als das, was installiert ist.',
  'cause.older-release.known': 'Sein Ausgabezähler ist kleiner als der auf dem Datenträger.',
  'cause.older-release.next':
    'Wählen Sie ein neueres Abbild. Wird das ältere gebraucht, erlauben Sie es im Plan und nennen Sie den Grund.',
  'cause.image-too-large.stopped': 'Der Auftrag wurde abgelehnt: Das Abbild passt nicht hinein.',
  'cause.image-too-large.known': 'Der Slot ist kleiner als das Abbild.',
  'cause.image-too-large.next':
    'Wählen Sie ein anderes Abbild, oder stellen Sie den Datenträger mit größeren Slots bereit.',
  'cause.no-boot-files.stopped': 'Der Auftrag wurde abgelehnt: Es gibt keine Startdateien.',
  'cause.no-boot-files.known': 'Weder das Abbild noch ein anderes in der Sammlung bringt die Startdateien mit.',
  'cause.no-boot-files.next': 'Importieren Sie unter Abbilder eine Ausgabe, die Startdateien enthält.',
  'cause.image-gone.stopped': 'Der Auftrag hielt an: Das Abbild ist nicht mehr da.',
  'cause.image-gone.known': 'Die Datei des Abbilds ließ sich nicht mehr lesen.',
  'cause.image-gone.next':
    'Schließen Sie das Laufwerk an, auf dem es liegt, oder importieren Sie es unter Abbilder neu.',
  'cause.config-unfit.stopped': 'Der Auftrag wurde abgelehnt: Die Konfiguration passt nicht.',
  'cause.config-unfit.known': 'Die Konfiguration hat Fehler oder ist für ein anderes Produkt oder eine andere Version.',
  'cause.config-unfit.next':
    'Öffnen Sie sie unter Konfiguration; dort sind die Fehler aufgeführt. Berichtigen Sie sie.',
  'cause.only-slot.stopped': 'Der Auftrag wurde abgelehnt: Er nähme den einzigen Slot weg, der startet.',
  'cause.only-slot.known': 'Der andere Slot ist leer, unvollständig oder schlecht.',
  'cause.only-slot.next': 'Reparieren Sie zuerst den anderen Slot.',
  'cause.slot-unfit.stopped': 'Der Auftrag wurde abgelehnt: Dieser Slot kann nicht gestartet werden.',
  'cause.slot-unfit.known': 'Der Slot ist leer, unvollständig oder weicht von seinem verzeichneten Prüfwert ab.',
  'cause.slot-unfit.next': 'Reparieren Sie den Slot mit einem Abbild; die Daten bleiben dabei.',
  'cause.tool-missing.stopped': 'Der Auftrag hielt an: Auf diesem Rechner fehlt ein Programm.',
  'cause.tool-missing.known': 'Die Einzelheiten nennen das Programm.',
  'cause.tool-missing.next': 'Installieren Sie es und lassen Sie den Selbsttest unter Diagnose laufen.',
  'cause.tool-failed.stopped': 'Der Auftrag hielt an: Ein Programm dieses Rechners ist fehlgeschlagen.',
  'cause.tool-failed.known': 'Die Einzelheiten nennen das Programm und was es gemeldet hat.',
  'cause.tool-failed.next':
    'Starten Sie den Auftrag erneut. Schlägt er wieder fehl, speichern Sie unter Diagnose ein Supportpaket.',
  'cause.runner-died.stopped': 'Der Auftrag hielt an: Das schreibende Programm ist beendet.',
  'cause.runner-died.known': 'Es endete ohne Ergebnis, als wäre es von außen beendet worden.',
  'cause.runner-died.next':
    'Starten Sie den Auftrag erneut; er beginnt von vorn. Endet er wieder so, speichern Sie unter Diagnose ein Supportpaket.',
  'cause.stopped.stopped': 'Der Auftrag wurde angehalten.',
  'cause.stopped.known': 'Jemand hat ihn an dieser Konsole angehalten.',
  'cause.stopped.next': 'Starten Sie den Auftrag erneut, wann Sie wollen; er beginnt von vorn.',
  'cause.other.stopped': 'Der Auftrag hielt an.',
  'cause.other.known': 'Die Ursache gehört nicht zu den bekannten; die Einzelheiten sagen, was beobachtet wurde.',
  'cause.other.next':
    'Starten Sie den Auftrag erneut. Hält er wieder an, speichern Sie unter Diagnose ein Supportpaket und geben Sie es weiter.',
}
