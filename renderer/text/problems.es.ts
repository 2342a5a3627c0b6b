// Spanish: refusals, warnings and failures that are met often. Short sentences; what to do comes second.
import type { ProblemTexts } from './problem-codes.ts'

export const problemsEs: ProblemTexts = {
  'disk.system': ['Este ordenador funciona desde el disco {disk}.', 'Elija otro; este nunca se escribe.'],
  'disk.mounted': ['El disco {disk} está montado: {found}.', 'Expúlselo en el gestor de archivos y déjelo conectado.'],
  'disk.in-use': [
    'El disco {disk} está en uso: {found}.',
    'Cierre lo que lo usa (LUKS, LVM, RAID, dispositivo loop o swap).',
  ],
  'disk.busy': [
    'El disco {disk} se está usando ahora.',
    'Desmóntelo y cierre el programa que lo usa. Después empiece de nuevo.',
  ],
  'disk.read-only': [
    'El disco {disk} solo se puede leer.',
    'Busque el seguro de la tarjeta o de la memoria, y mire cómo está conectado el disco.',
  ],
  'disk.too-small': [
    'El disco {disk} tiene {found_bytes}; hacen falta {needed_bytes}.',
    'Use un disco mayor, o un esquema con particiones más pequeñas.',
  ],
  'disk.sector-size': [
    'El disco tiene sectores de {found} bytes; sirven 512 y 4096.',
    'Use otro disco, o cámbielo con la herramienta del fabricante.',
  ],
  'disk.no-permission': [
    'El sistema no permite el acceso a {disk}.',
    'Empiece de nuevo y dé su consentimiento cuando se le pida.',
  ],
  'disk.not-found': ['En {disk} no hay ningún disco ni archivo de imagen.', 'Vuelva a conectarlo.'],
  'disk.lost': [
    'El disco {disk} ha desaparecido.',
    'Revise el cable y el puerto, y empiece de nuevo el trabajo: continúa y comprueba lo que ya está.',
  ],
  'disk.full': [
    'Faltó espacio al escribir {disk}.',
    'Libere espacio donde está el archivo de imagen. Después empiece de nuevo.',
  ],
  'disk.read-failed': [
    'No se pudo leer {disk} en el byte {offset}.',
    'Use otro cable u otro puerto. Si falla en el mismo lugar, el disco está gastado: cámbielo.',
  ],
  'disk.write-failed': [
    'No se pudo escribir {disk} en el byte {offset}.',
    'Use otro cable u otro puerto. Si falla en el mismo lugar, el disco está gastado: cámbielo.',
  ],
  'layout.disk-too-small': [
    'El esquema {layout} necesita {needed_bytes}; el disco tiene {found_bytes}.',
    'Use un disco mayor, o un esquema con particiones más pequeñas.',
  ],
  'runner.never-touch': [
    'El disco con número de serie {found} está en la lista de no tocar.',
    'Elija otro, o quítelo de la lista en los ajustes.',
  ],
  'runner.no-trust': [
    'Este ordenador aún no tiene la lista de claves en las que confía el programa que escribe.',
    'No se escribió nada. Un administrador la indica una vez: sudo twinslot-guard trust < KEYS.asc',
  ],
  'disk.moved': [
    'Bajo el nombre {disk} ya no está lo que se abrió.',
    'Lo que hay ahora allí quedó intacto. Vea adónde fue el archivo y empiece de nuevo el trabajo.',
  ],
  'runner.not-started': [
    'No se pudo iniciar el programa que escribe.',
    'No se escribió nada. Empiece de nuevo y dé su consentimiento; si no se le pidió, acuda al administrador de este ordenador.',
  ],
  'host.twin': [
    'Otra unidad indica aquí la misma identidad.',
    'Desconecte la que quiere y vuelva a conectarla: desde entonces se conoce.',
  ],
  'host.usb-slow': [
    '{disk} está conectado a {found} Mbit/s; un puerto USB 3 tiene {expected}.',
    'Use un puerto y un cable USB 3, o cuente con más tiempo.',
  ],
  'host.plan-gone': ['Este plan ya no espera confirmación.', 'Planifique de nuevo y confirme el nuevo plan.'],
  'host.not-confirmed': [
    'Se pide «{expected}»; se escribió «{found}».',
    'Compare con la etiqueta del disco y escríbalo otra vez. No se escribió nada en el disco.',
  ],
  'host.confirmed-early': [
    'El inicio llegó demasiado pronto. La breve espera evita empezar por accidente.',
    'Lea lo que se borrará y después empiece. No se escribió nada.',
  ],
  'host.guarded': [
    'No se cambió lo que protege los discos.',
    'Responda a la pregunta fuera de la página: en el cuadro de la aplicación o en el terminal donde se inició la consola. Sin ninguno de los dos, la consola toma claves al iniciarse.',
  ],
  'host.declined': [
    'La pregunta «¿Empezar a escribir?» se respondió con Cancelar.',
    'No se escribió nada. Confirme el plan otra vez cuando sea correcto.',
  ],
  'host.unknown-token': ['Lo que había elegido ya no existe.', 'Se quitó o se desconectó entretanto: elija de nuevo.'],
  'host.check-running': [
    'Ya se está leyendo: van {found} de {expected} bytes.',
    'Espere al final de esa comprobación, o cancélela.',
  ],
  'host.image-bad': [
    'La imagen {name} no pasó sus comprobaciones.',
    'En «Imágenes» se dice por qué. Importe una buena.',
  ],
  'host.image-exists': [
    'La biblioteca ya tiene una imagen llamada {name}.',
    'Quite primero esa, o cambie el nombre del nuevo archivo.',
  ],
  'host.image-pinned': ['La imagen {name} está fijada.', 'Suéltela antes de quitarla.'],
  'plan.not-ab-disk': [
    'En {disk} no se leen un ESP ni los slots A y B.',
    'Si debe ser un disco de appliance, aprovisiónelo.',
  ],
  'plan.only-slot': [
    'El disco arranca del slot {slot}, y el estado del slot {other} es «{verdict}»: escribir ahora no dejaría nada que arranque.',
    'Escriba primero el slot {other}, deje que se pruebe y úselo por defecto.',
  ],
  'plan.no-boot-files': [
    'La imagen {release} no trae archivos de arranque; un disco nuevo no podría arrancar.',
    'Elija además una imagen firmada que los tenga.',
  ],
  'plan.no-system-image': ['La imagen {release} no contiene un sistema.', 'Elija una imagen con sistema.'],
  'plan.image-too-large': [
    'La imagen tiene {imageSize_bytes}; en el slot {slot} caben {slotSize_bytes}.',
    'Use una imagen menor, o un esquema con slots mayores.',
  ],
  'plan.boot-product': [
    'El sistema es para el producto {system}, los archivos de arranque para {boot}.',
    'Tome ambos del mismo producto.',
  ],
  'plan.disk-changed': [
    'El disco confirmado era {expected}; en {path} está ahora {found}.',
    'Mire qué disco está conectado. Después planifique y confirme de nuevo.',
  ],
  'plan.changed': [
    'Justo antes de escribir, el plan ya no era el confirmado.',
    'Cambió el disco, la imagen o el pedido. Mire el nuevo plan y confírmelo.',
  ],
  'plan.nothing-to-repair': ['En {disk} no hay nada que reparar.', 'No hace falta hacer nada.'],
  'slot.not-selectable': [
    'El estado del slot {slot} es «{verdict}»: solo se puede elegir un slot escrito del todo.',
    'Escriba primero una imagen en él, o dé un motivo; queda anotado.',
  ],
  'slot.last-good': [
    'El slot {slot} no se puede marcar como malo: el estado del slot {other} es «{verdict}» y no quedaría nada que arranque.',
    'Escriba primero una imagen en el slot {other}, o dé un motivo; queda anotado.',
  ],
  'release.older-counter': [
    'El contador instalado es {expected}; esta imagen tiene {found}, así que es anterior.',
    'Use una más nueva, o permita la anterior con un motivo; queda anotado.',
  ],
  'release.minimum-version': [
    'La versión instalada es {found}; esta imagen solo puede seguir a la versión {expected} o posterior.',
    'Instale primero la versión {expected}.',
  ],
  'release.other-product': [
    'Este disco contenía el producto {found}; la imagen es para el producto {expected}.',
    'Compruebe que son el equipo y la imagen correctos. Para cambiar de producto a propósito, indique un motivo; queda anotado.',
  ],
  'release.wrong-product': [
    'La imagen es para el producto {found}; hace falta {expected}.',
    'Elija la imagen para {expected}.',
  ],
  'release.wrong-hardware': [
    'La imagen es para {found}; esta máquina es {expected}.',
    'Elija una imagen para este hardware.',
  ],
  'release.expired': [
    'La imagen caducó el {expired}.',
    'Use una más nueva, y revise la fecha y la hora de este ordenador.',
  ],
  'release.from-future': [
    'La imagen es del {created}, es decir, posterior a ahora.',
    'Revise la fecha y la hora de este ordenador.',
  ],
  'format.bundle-truncated': [
    'El archivo de la versión está incompleto: tiene {found} bytes y necesita {expected}.',
    'Descargue la imagen otra vez; la copia se interrumpió.',
  ],
  'format.bundle-trailing': [
    'El archivo de la versión sigue después de su final: necesita {expected} bytes y tiene {found}.',
    'Descargue la imagen otra vez; se le añadió algo.',
  ],
  'format.bundle-magic': [
    'El archivo no es una versión: empieza con {found} en lugar de {expected}.',
    'Elija el archivo de la versión mismo; un .img necesita sus .sha256 y .asc al lado.',
  ],
  'release.empty': ['{path} está vacío (0 bytes).', 'Descargue la imagen una vez más.'],
  'write.source-mismatch': [
    'La imagen está dañada o cambiada: el bloque {block} de {source} no es el firmado. Este bloque no se escribió en ningún sitio.',
    'Pida la imagen otra vez a su fabricante e importe esa.',
  ],
  'release.block-mismatch': [
    'La imagen está dañada o cambiada: el bloque {index} de {role} no es el firmado.',
    'Descargue la imagen otra vez.',
  ],
  'release.image-mismatch': [
    'La imagen se contradice: {role} tiene otra suma que la indicada.',
    'Su fabricante tiene que hacerla de nuevo.',
  ],
  'release.checksum-mismatch': [
    'La suma de {name} no es correcta.',
    'Descargue la imagen otra vez; está dañada o es otra versión.',
  ],
  'release.checksum-missing': [
    'Falta el archivo de suma {path}.',
    'Póngalo junto a la imagen; sin él no se escribe nada.',
  ],
  'release.truncated': ['{name} está incompleto.', 'Descargue la imagen otra vez; la copia se cortó.'],
  'trust.unknown-key': [
    'La firma es de la clave {key}, que no está en su lista de confianza.',
    'Si confía en ella, impórtela en «Confianza»; compare antes toda la huella por otro medio.',
  ],
  'trust.key-expired': [
    'La clave {key} caducó el {expired}.',
    'Pida al fabricante la clave renovada o una imagen firmada de nuevo. Revise también el reloj de aquí.',
  ],
  'trust.key-revoked': [
    'Su dueño revocó la clave {key}.',
    'No use esta imagen. Pida al fabricante una firmada de nuevo.',
  ],
  'trust.signature-expired': [
    'La firma valía hasta el {expired}.',
    'Pida una imagen firmada de nuevo, y revise la fecha y la hora de este ordenador.',
  ],
  'trust.signature-future': [
    'La firma es del {signedAt}, es decir, posterior a ahora.',
    'Revise la fecha y la hora de este ordenador.',
  ],
  'trust.signature-missing': [
    'Falta la firma: {name} no está o está vacío.',
    'Consiga la firma de la imagen; sin ella no se escribe nada.',
  ],
  'trust.wrong-data': [
    'La firma de {key} no corresponde a {name}: el archivo se cambió, está dañado o es otro.',
    'Descargue otra vez la imagen y su firma. Si vuelve a fallar, no use la imagen.',
  ],
  'job.cancelled': ['El trabajo se canceló.', 'Empiécelo de nuevo: continúa y comprueba lo que ya está.'],
}
