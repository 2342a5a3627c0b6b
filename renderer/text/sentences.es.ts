// Spanish: what a plan says, one message per kind.
import type { Sentences } from './sentences.en.ts'

export const sentencesEs: Sentences = {
  'plan.title.provision':
    'El disco {name} ({size}, {path}) se borrará y se aprovisionará con {version} (esquema {layout}).',
  'plan.title.flash': 'Disco {name} ({size}, {path}): el slot {slot} se sobrescribirá con {version}.',
  'plan.title.slot-default': 'Disco {name} ({size}, {path}): el slot {slot} pasa a ser el predeterminado.',
  'plan.title.slot-once': 'Disco {name} ({size}, {path}): el slot {slot} arranca una vez.',
  'plan.title.slot-good': 'Disco {name} ({size}, {path}): el slot {slot} se marca como bueno.',
  'plan.title.slot-bad': 'Disco {name} ({size}, {path}): el slot {slot} se marca como malo.',
  'plan.title.slot-reset': 'Disco {name} ({size}, {path}): los intentos del slot {slot} se ponen a cero.',
  'plan.title.repair-table': 'Disco {name} ({size}, {path}): se reparará su tabla de particiones.',
  'plan.title.repair-environment': 'Disco {name} ({size}, {path}): se reparará su entorno de arranque.',
  'plan.title.repair-ab-state': 'Disco {name} ({size}, {path}): se reescribirá el archivo que elige el slot.',
  'plan.title.repair-boot-loader': 'Disco {name} ({size}, {path}): se restaurará su cargador de arranque.',
  'plan.title.repair-slot-record': 'Disco {name} ({size}, {path}): se corregirá el registro de sus slots.',
  'plan.title.repair-both-bad': 'Disco {name} ({size}, {path}): un slot intacto tendrá otra oportunidad.',
  'plan.title.restore':
    'Disco {name} ({size}, {path}): /config se sustituirá por {files, plural, one {# archivo} other {# archivos}}.',
  'plan.job.provision': 'Aprovisionado con {version} (esquema {layout})',
  'plan.job.flash': '{version} escrita en el slot {slot}',
  'plan.job.slot-default': 'Slot {slot} elegido por defecto',
  'plan.job.slot-once': 'Slot {slot} elegido para un arranque',
  'plan.job.slot-good': 'Slot {slot} confirmado como bueno',
  'plan.job.slot-bad': 'Slot {slot} marcado como malo',
  'plan.job.slot-reset': 'Intentos del slot {slot} puestos a cero',
  'plan.job.repair-table': 'Tabla de particiones reparada',
  'plan.job.repair-environment': 'Entorno de arranque reparado',
  'plan.job.repair-ab-state': 'Elección del slot reparada',
  'plan.job.repair-boot-loader': 'Cargador de arranque restaurado',
  'plan.job.repair-slot-record': 'Registro de los slots corregido',
  'plan.job.repair-both-bad': 'Otra oportunidad para un slot intacto',
  'plan.job.restore': '/config restaurado',
  'plan.erased.mbr-disk': 'un disco con tabla de particiones MBR',
  'plan.erased.unknown-content': 'contenido de tipo desconocido',
  'plan.erased.other-product': 'un equipo de otro producto: hay {found}, se pide {wanted}',
  'plan.erased.partition':
    'partición {number} «{name}» ({type, select, esp {sistema EFI} linux {Linux} other {otra}}, {size}{held, select, version {, versión {version}} unnamed {, versión desconocida} other {}})',
  'plan.erased.device-partition':
    '{node} «{name}» ({type, select, esp {sistema EFI} linux {Linux} other {otra}}, {size}{held, select, version {, versión {version}} unnamed {, versión desconocida} other {}})',
  'plan.erased.slot':
    'el slot {slot} ({held, select, version {versión {version}} unnamed {versión desconocida} empty {vacío} incomplete {incompleto} other {desconocido}})',
  'plan.erased.config-partition': '/config, toda la partición {number} «{name}»',
  'plan.erased.config-files': 'los archivos de /config en la partición {number} «{name}»',
  'plan.kept.slot': 'el slot {slot}',
  'plan.kept.esp': 'la partición de sistema EFI',
  'plan.kept.config-and-data': 'la configuración y los datos',
  'plan.kept.both-slots': 'los dos slots',
  'plan.kept.boot-loader': 'el cargador de arranque',
  'plan.kept.boot-loader-and-environment': 'el cargador de arranque y su entorno',
  'plan.kept.slot-choice': 'qué slot arranca',
  'plan.kept.slots-and-boot': 'los dos slots y lo que arranca',
  'plan.kept.other-partitions': 'todas las demás particiones',
  'plan.kept.other-data': 'todos los demás datos',
  'plan.kept.partitions': 'cada partición y su contenido',
  'plan.kept.everything': 'todo',
  'plan.step.wipe': 'Borrar las tablas de particiones y firmas de sistemas de archivos antiguas',
  'plan.step.write-slot': 'Escribir el slot {slot}: {size} y releerlo',
  'plan.step.write-slot-changed': 'Escribir el slot {slot}: {size} y releerlo (solo los bloques distintos)',
  'plan.step.make-filesystem':
    'Crear la partición {number} «{name}»: {filesystem}, {size}{files, plural, =0 {} one {, # archivo para /config} other {, # archivos para /config}}',
  'plan.step.make-esp': 'Crear la partición de sistema EFI: {size}, arranca el slot {slot}',
  'plan.step.check-disk-slot': 'Leer otra vez el slot {slot}: no debe haber cambiado mientras se escribía el resto',
  'plan.step.check-disk-slots':
    'Leer otra vez los slots {first} y {second}: no deben haber cambiado mientras se escribía el resto',
  'plan.step.write-table':
    'Escribir la tabla de particiones ({partitions, plural, one {# partición} other {# particiones}}), la cabecera primaria al final',
  'plan.step.table-from-primary': 'Escribir de nuevo el otro lado de la tabla de particiones a partir de la primaria',
  'plan.step.table-from-backup': 'Escribir de nuevo el otro lado de la tabla de particiones a partir de la copia',
  'plan.step.record-incomplete': 'Anotar el slot {slot} como incompleto',
  'plan.step.record-slot': 'Anotar lo que contiene el slot {slot}',
  'plan.step.check-slot': 'Comprobar el slot {slot}: leer {size} y comparar con la suma anotada',
  'plan.step.boot-once': 'Arrancar a continuación el slot {slot}, una vez mientras no se confirme',
  'plan.step.boot-trial':
    'Arrancar a continuación el slot {slot}, {tries, plural, one {# intento} other {# intentos}} hasta que se confirme',
  'plan.step.boot-good': 'Arrancar a continuación el slot {slot} (está confirmado como bueno)',
  'plan.step.mark-good': 'Marcar el slot {slot} como bueno y arrancarlo desde ahora',
  'plan.step.mark-bad': 'Marcar el slot {slot} como malo',
  'plan.step.reset-tries': 'Quitar la marca de fallo y los intentos del slot {slot}',
  'plan.step.write-selection': 'Escribir el archivo que elige el slot: {slot}, que arranca de todos modos',
  'plan.step.write-environment':
    'Escribir las dos copias del entorno de arranque: {good, select, none {ningún slot es bueno} other {el slot {good} es bueno}}',
  'plan.step.write-environment-copy':
    'Escribir la copia dañada del entorno de arranque: {good, select, none {ningún slot es bueno} other {el slot {good} es bueno}}',
  'plan.step.put-boot-files': 'Restaurar {files}',
  'plan.step.write-record': 'Reescribir el registro de los slots',
  'plan.step.identify-slot': 'Leer el slot {slot} y anotar lo que contiene',
  'plan.step.identify-slots': 'Leer el slot {first}, luego el {second}, y anotar lo que contienen',
  'plan.step.revive-slot':
    'Leer el slot {slot}; si es igual a su suma anotada, arranca a continuación, 3 intentos hasta que se confirme',
  'plan.step.revive-slots':
    'Leer el slot {first}, luego el {second}; el primero igual a su suma anotada arranca a continuación, 3 intentos hasta que se confirme',
  'plan.step.keep-config': 'Copiar los archivos actuales de /config a la carpeta del diario',
  'plan.step.replace-files':
    'Sustituir los archivos de /{directory} por {files, plural, one {# otro} other {otros #}}; lo demás se queda',
}
