// Spanish: what a look finds on a disk, its repairs, and refusals of images, config and keys. Short; what to do comes second.
import type { FurtherTexts } from './problem-codes.ts'

const SELECT = 'Elija en «Slots y rescate» qué arranca: eso lo escribe de nuevo.'
const REWRITE = 'Escriba un slot de nuevo con «Reparar slots».'
const CHOOSE =
  'Abra la unidad en «Slots y rescate»: allí están los dos lados con lo que se perdería. Elija el que se queda.'
const TABLE =
  'Abra la unidad en «Slots y rescate»: allí se ofrece la reparación si la hay. Aprovisionar de nuevo borra todo.'
const PROVISION = 'Aprovisione la unidad de nuevo; eso borra todo.'
const BAD_DISK = 'No use este disco. Tome otro.'
const FETCH = 'Obtenga la imagen de nuevo.'
const KEY = 'Pida la clave pública, como archivo de texto, a quien tiene la clave.'

export const furtherEs: FurtherTexts = {
  'boot.ab-state-missing': ['Falta el archivo {file}, que elige el slot; arranca el último bueno.', SELECT],
  'boot.ab-state-damaged': ['El archivo {file}, que elige el slot, contiene {found}; el cargador lo ignora.', SELECT],
  'boot.env-damaged': ['El bloque de arranque {file} está dañado.', SELECT],
  'boot.env-lost': [
    'Ninguno de los dos bloques de arranque cuenta; solo la nota del slot bueno dice qué puede arrancar.',
    'Marque como bueno en «Slots y rescate» el slot que funciona: eso escribe ambos de nuevo.',
  ],
  'boot.env-value': ['En el bloque de arranque, {name} vale {found}; se ignora.', SELECT],
  'repair.no-loader': [
    'El cargador {file} falta o está vacío; el firmware no encuentra nada que arrancar.',
    'Recupérelo de una imagen con archivos de arranque: la reparación está al lado.',
  ],
  'repair.env-copies-differ': [
    'El bloque de arranque {file} y su copia {copy} dicen cosas distintas; vale el primero.',
    'Repare el arranque: el botón está al lado.',
  ],
  'repair.slot-content': [
    'El slot {slot} no contiene lo que consta de él.',
    'Deje que se averigüe con la reparación de al lado, con una imagen para comparar.',
  ],
  'repair.both-bad': [
    'Ningún slot es bueno: A está {wordA}, B está {wordB}.',
    'Deje leer los dos con la reparación de al lado, o escriba uno de nuevo con «Reparar slots».',
  ],
  'repair.no-candidate': [
    'Ningún slot puede llamarse bueno: ninguno consta como escrito por completo (A: {wordA}, B: {wordB}).',
    'Repare primero el registro de los slots con la imagen que se escribió, o escriba un slot de nuevo.',
  ],
  'repair.no-intact-slot': ['Ningún slot contiene ya lo que se escribió en él.', REWRITE],
  'repair.no-release': [
    'Un cargador solo se recupera de una imagen firmada, y no hay ninguna elegida.',
    'Elija una imagen con archivos de arranque.',
  ],
  'slot.record-copy-damaged': [
    'Una de las dos copias del registro de slots está dañada; se usa la otra.',
    'Nada se ha perdido; el próximo cambio de un slot la escribe de nuevo.',
  ],
  'slot.record-lost': [
    'El registro de slots {file} no se puede leer: no se sabe qué contienen los slots.',
    'Escriba los slots de nuevo con «Reparar slots», o deje que se averigüe con la reparación de al lado.',
  ],
  'slot.content-differs': [
    'El slot {slot} difiere de lo que se escribió.',
    'Se modificó, o el disco falla. Escríbalo de nuevo con «Reparar slots».',
  ],
  'gpt.sides-disagree': ['Las dos tablas de particiones están enteras, pero son distintas.', CHOOSE],
  'plan.choose-table-side': [
    'En {disk} las dos tablas de particiones están enteras, pero difieren: una persona debe elegir.',
    CHOOSE,
  ],
  'plan.table-side-damaged': [
    'La tabla de particiones elegida de {disk} no está entera; nada puede escribirse según ella.',
    TABLE,
  ],
  'gpt.no-signature': [
    'En el sector {lba}, donde empieza una de las dos tablas de particiones, no hay ninguna.',
    TABLE,
  ],
  'gpt.header-crc': [
    'La cabecera de una de las dos tablas de particiones está dañada: su suma de control no coincide.',
    TABLE,
  ],
  'gpt.entries-crc': [
    'Las entradas de una de las dos tablas de particiones están dañadas: su suma de control no coincide.',
    TABLE,
  ],
  'gpt.backup-misplaced': [
    'La copia de la tabla debería estar en el sector {expected}, pero está en el {found}: el disco o archivo cambió de tamaño.',
    PROVISION,
  ],
  'gpt.disk-shrunk': [
    'La tabla de particiones es para {expected} sectores; solo hay {found}.',
    'El disco es menor que el original, o la copia se cortó. Copie de nuevo en un disco bastante grande.',
  ],
  'gpt.other-sector-size': [
    'La tabla de particiones es para sectores de {expected} bytes; este disco muestra {found}.',
    'Conéctelo como cuando se particionó (otro adaptador, o ninguno).',
  ],
  'gpt.no-table': [
    'No hay tabla de particiones, ni al principio ni al final.',
    'De ahí no se puede reconstruir nada. Aprovisionar crea una nueva y borra todo.',
  ],
  'gpt.mbr-missing': ['Falta el MBR protector en el sector 0; otros sistemas podrían creer vacío el disco.', TABLE],
  'gpt.mbr-foreign': ['El sector 0 contiene la tabla de particiones de otro sistema (tipo 0x{found}).', TABLE],
  'gpt.mbr-hybrid': [
    'El sector 0 contiene un MBR híbrido: además de la entrada protectora, una de tipo 0x{found}.',
    TABLE,
  ],
  'gpt.unrepairable': [
    'No se puede confiar en ninguna de las dos tablas de particiones.',
    'De ahí no se puede reconstruir nada. Aprovisionar de nuevo borra todo.',
  ],
  'fat.not-fat32': ['En la partición de arranque no hay un sistema de archivos FAT32.', PROVISION],
  'fat.damaged': ['El sistema de archivos de la partición de arranque está dañado.', PROVISION],
  'disk.system-refused': [
    'El sistema rechazó algo en {disk}: {reason}.',
    'Eso no dice nada del disco mismo. Elimine la causa y empiece de nuevo.',
  ],
  'disk.file-exists': ['El archivo {disk} ya existe.', 'Elija otro nombre, o añada el archivo existente al banco.'],
  'write.verify-failed': ['A partir del byte {offset} el disco devuelve otra cosa que lo escrito.', BAD_DISK],
  'write.lost-afterwards': ['El disco no conserva lo que se escribe: tiene menos espacio del que dice.', BAD_DISK],
  'runner.died': [
    'El programa que escribe terminó sin decir nada ({reason}).',
    'El disco puede estar escrito en parte: inicie el mismo trabajo, continúa donde quedó.',
  ],
  'runner.closed': [
    'El programa que escribe no acepta más unidades ({reason}).',
    'No se escribió nada. Inicie el trabajo de nuevo; lo hace un programa nuevo.',
  ],
  'runner.off-plan': ['El plan confirmado no es el que debía ejecutarse.', 'Mire el plan y confírmelo de nuevo.'],
  'host.config-one-unit': [
    'Una configuración pertenece a una unidad; hay {found} elegidas.',
    'Elija una unidad, o aprovisione estas sin configuración. No se escribió nada.',
  ],
  'release.older-version': [
    'La imagen es la versión {found}, más antigua que la {expected} del disco.',
    'Use una más nueva, o permita la antigua con un motivo; queda registrado.',
  ],
  'release.no-version': [
    'La imagen no dice su versión; el disco tenía la {expected}.',
    'Use una que diga su versión, o permita esta con un motivo; queda registrado.',
  ],
  'release.compressed': [
    '{path} está comprimido; un slot solo admite la imagen misma.',
    'Pida al fabricante la imagen sin comprimir con su firma, o un paquete.',
  ],
  'image.not-squashfs': [
    'La imagen no es una imagen de sistema (ni squashfs ni ext4).',
    'Use el sistema de archivos raíz del equipo, no un ISO, ni un disco entero, ni un archivo comprimido.',
  ],
  'image.truncated': ['La imagen dice tener {expected} bytes, pero solo hay {found}.', FETCH],
  'image.damaged': ['La imagen de sistema está dañada.', FETCH],
  'image.layout-mismatch': [
    'La imagen es para {image} y tiene {found}; {disk} tiene {expected}.',
    'Use una imagen para estas particiones, o las particiones de la imagen.',
  ],
  'restore.no-place': ['En {disk} no hay lugar para /config.', PROVISION],
  'restore.nothing': ['En {from} no hay archivos para /config.', 'Elija la carpeta que contiene los archivos mismos.'],
  'config.bad-name': [
    '{file} no puede estar en /config: el nombre no es posible.',
    'Cambie el nombre del archivo, o déjelo fuera.',
  ],
  'config.changed': [
    '{file} cambió después del plan.',
    'No toque la carpeta mientras se escribe; planifique y confirme de nuevo.',
  ],
  'settings.not-saved': [
    'No se pudo guardar {file}; el archivo está como antes.',
    'Compruebe el espacio y los permisos de su carpeta.',
  ],
  'trust.keyring-malformed': ['El archivo de clave no se puede leer como clave OpenPGP.', KEY],
  'trust.keyring-empty': ['El archivo de clave no contiene ninguna clave.', KEY],
  'trust.keyring-secret': [
    'El archivo de clave contiene una clave secreta; no debe estar aquí.',
    'Se queda donde firma. Pida la pública a quien la tiene.',
  ],
  'trust.keyring-partly': ['{count} de las claves se leyeron y ya son de confianza; otras no.', KEY],
  'write.image-too-large': [
    'La imagen tiene {imageSize_bytes}; en su lugar caben {slotSize_bytes}.',
    'Use una imagen menor, o particiones con slots mayores.',
  ],
  'write.source-undecodable': [
    'Un bloque de {source} no se puede descomprimir; no se escribió.',
    'Obtenga la imagen de nuevo.',
  ],
  'release.block-undecodable': [
    'El bloque {index} de la imagen no se puede descomprimir.',
    'Obtenga la imagen de nuevo.',
  ],
  'release.not-found': [
    'El archivo {path} no existe.',
    'Compruebe el nombre; una imagen va con su suma de control y su firma al lado.',
  ],
  'release.not-a-file': ['{path} no es un archivo.', 'Elija el archivo de imagen mismo.'],
  'release.unreadable': [
    '{path} no se puede abrir: {reason}.',
    'Quizá falte el permiso; si no, copie el archivo a otro sitio.',
  ],
  'release.source-failed': [
    'No se pudo leer {name} desde el byte {offset}: {reason}.',
    'Compruebe el medio de la imagen y empiece de nuevo.',
  ],
  'release.no-image': ['La imagen no contiene nada para {role}.', 'Use una que lo contenga.'],
  'format.bundle-header': ['La cabecera del paquete es incorrecta.', 'Obtenga la imagen de nuevo.'],
  'format.bundle-padding': ['El paquete está alterado en el byte {offset}.', 'Obtenga la imagen de nuevo.'],
  'format.manifest-version': [
    'El manifiesto de la imagen es de formato {found}; se lee {expected}.',
    'Actualice Twinslot, o pida una imagen en el formato antiguo.',
  ],
  'format.manifest-invalid': [
    'El manifiesto de la imagen es incorrecto ({where}); no se usa nada de él.',
    'Pida al fabricante una imagen hecha de nuevo.',
  ],
  'format.json-not-canonical': [
    'El manifiesto de la imagen se modificó a mano o se reformateó.',
    'Pida al fabricante una imagen hecha de nuevo.',
  ],
  'format.sha256sum-line': [
    'La línea {line} del archivo de control no es una suma SHA-256.',
    'Pida al fabricante el archivo de suma de control de esta imagen.',
  ],
  'format.sha256sum-missing': [
    'El archivo de control no nombra {expected}.',
    'Pida al fabricante el archivo de suma de control de esta imagen.',
  ],
  'format.sha256sum-ambiguous': [
    'El archivo de control da varias sumas para {expected}.',
    'Pida al fabricante el archivo de suma de control de esta imagen.',
  ],
  'trust.signature-malformed': ['La firma no se puede leer.', 'Pida al fabricante una firma separada de la imagen.'],
  'trust.signature-inline': [
    'Es un texto firmado, no una firma separada.',
    'Pida al fabricante una firma separada de la imagen.',
  ],
  'trust.signature-kind': ['Esta clase de firma no se acepta.', 'Pida al fabricante una firma separada de la imagen.'],
  'trust.signature-conflict': [
    'De {count} firmas, no todas son buenas.',
    'Todas deben ser buenas y de una clave de confianza. No quite ninguna a mano; pregunte al fabricante.',
  ],
  'trust.key-invalid': ['La clave {key} no puede firmar imágenes.', 'Pida al fabricante una clave pública válida.'],
  'trust.weak-key': ['La clave {key} es demasiado débil: {found}.', 'Pida una imagen firmada con una clave fuerte.'],
  'trust.weak-hash': [
    'La firma usa un método demasiado débil: {found}.',
    'Pida al fabricante que firme con SHA-256 o mejor.',
  ],
  'image.bad-facts': [
    'Lo que la imagen dice de sí misma en {path} no se puede leer.',
    'Pida al fabricante una imagen hecha de nuevo.',
  ],
  'image.facts-differ': [
    'El manifiesto firmado dice {expected}, la imagen misma dice {found}.',
    'Pida al fabricante una imagen hecha de nuevo.',
  ],
  'image.no-kernel': [
    'La imagen no tiene un núcleo utilizable ({path}).',
    'Pida al fabricante una imagen hecha de nuevo.',
  ],
  'image.no-initrd': [
    'La imagen no tiene un disco RAM de arranque utilizable ({path}).',
    'Pida al fabricante una imagen hecha de nuevo.',
  ],
  'image.compression-unreadable': [
    'La imagen está comprimida con {found}; el cargador no lo lee.',
    'Pida al fabricante una imagen hecha de nuevo.',
  ],
  'boot.no-loader': [
    'En los archivos de arranque de la imagen falta {file}; el firmware no encontraría nada que arrancar.',
    'Pida al fabricante una imagen hecha de nuevo.',
  ],
  'boot.write-differs': [
    '{file} se escribió, pero vuelve distinto.',
    'El disco no conserva lo que se escribe: cámbielo.',
  ],
  'config.unreadable': ['{file} no se puede leer: {reason}.', 'Compruebe la carpeta y sus permisos.'],
  'config.not-plain': [
    '{file} no es archivo ni carpeta y no se copia a /config.',
    'Déjelo fuera, o sustitúyalo por el archivo mismo.',
  ],
  'config.no-room': [
    'Los archivos de /config necesitan {needed_bytes}; en la partición {name} caben {found_bytes}.',
    'Quite archivos, o use particiones con una mayor.',
  ],
  'config.too-large': [
    'La carpeta {folder} contiene demasiado para una configuración.',
    'Elija la carpeta que solo contiene los archivos de /config.',
  ],
  'restore.encrypted': [
    'La partición {name} está cifrada; desde aquí no se puede leer ni reemplazar.',
    'Restáurela en el propio equipo.',
  ],
  'restore.unsound': [
    'El sistema de archivos de la partición {name} tiene errores; no es seguro escribir en él.',
    'Guarde lo importante y aprovisione la unidad de nuevo; eso borra todo.',
  ],
  'restore.too-much-data': [
    'La partición contiene {found_bytes}; como máximo {expected_bytes} se copian aparte por seguridad.',
    'Restáurela en el propio equipo.',
  ],
  'restore.odd-name': ['Un nombre del disco en {directory} no se puede usar aquí.', 'Quítelo o cámbielo en el equipo.'],
  'restore.secret': [
    '{file} es secreto: aquí no se muestra ni se cambia.',
    'Cámbielo en la carpeta de la que vino la configuración y ábrala de nuevo.',
  ],
  'restore.bad-file-name': ['{file} no puede ser un archivo de /config.', 'Use un nombre sin caracteres especiales.'],
  'plan.boot-files-too-large': [
    'Los archivos de arranque necesitan {needed_bytes}; en la partición de arranque caben {found_bytes}.',
    'Use una imagen con menos archivos de arranque, o una partición de arranque mayor.',
  ],
  'plan.config-missing-partition': [
    'En las particiones de {layout} no hay lugar para /config.',
    'Use otras particiones, o aprovisione sin configuración.',
  ],
  'plan.no-luks-key': [
    'Las particiones cifran {label}; aquí no se puede dar una clave.',
    'Use particiones sin cifrado.',
  ],
  'tool.missing': ['El programa {tool} es necesario y falta.', 'Instálelo: {remedy}.'],
  'tool.failed': [
    'El programa {tool} terminó con un error: {stderr}',
    'Lea lo que dice el programa; si falta espacio o un permiso, arréglelo y empiece de nuevo.',
  ],
  'tool.timeout': [
    'El programa {tool} se detuvo tras {seconds} segundos.',
    'Mire si el equipo o su disco está sobrecargado y empiece de nuevo.',
  ],
  'disk.no-inventory': [
    'No se pueden enumerar los discos de este equipo: {reason}.',
    'En Linux, /proc y /sys deben estar montados: sin ellos ningún disco se considera libre.',
  ],
  'job.journal-damaged': [
    'El diario {file} no se puede leer en la línea {line}.',
    'Aparte el archivo y empiece de nuevo; el trabajo comienza desde el principio.',
  ],
  'job.journal-unusable': [
    'El diario {file} no se puede leer o escribir; sin él, un trabajo interrumpido no podría continuar.',
    'Compruebe el espacio y los permisos de su carpeta.',
  ],
  'job.reports-unusable': [
    'La carpeta {file} no sirve para los informes: ninguno se puede leer ni guardar en ella.',
    'Compruebe el espacio y los permisos de esa carpeta y vuelva a planificar.',
  ],
  'report.station-key': [
    'La clave de la estación en {file} no se puede usar.',
    'Recupere el archivo de una copia, o apártelo: entonces se crea una clave nueva.',
  ],
  'report.malformed': [
    '{name} no es un certificado de este programa.',
    'Use el archivo tal como lo guardó la estación.',
  ],
  'report.signer-differs': [
    '{name} nombra otro firmante ({expected}) que la firma ({found}).',
    'No se fíe: pida de nuevo a la estación el certificado y su firma.',
  ],
  'release.bad-path': [
    '{path} no lleva a ningún archivo: {reason}.',
    'Compruebe el nombre y los enlaces de su camino.',
  ],
}
