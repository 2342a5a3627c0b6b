// Spanish: what the host found, one message per kind.
import type { Findings } from './findings.en.ts'

export const findingsEs: Findings = {
  'problem.heldBy': 'Lo usa: {holder}',
  'layout.hp-t640': 'Appliance HP T640: ESP 512 MB, slots A y B de 2 GB, el resto datos (con /config dentro)',
  'layout.hypernet-server':
    'Servidor Hypernet: ESP 512 MB, slots A y B de 25 GB, configuración, datos, medios, registros y caché',
  'summary.slot': '{slot}: {state}',
  'summary.slotVersion': '{slot}: {version}, {state}',
  'summary.mbr': 'tabla de particiones MBR',
  'summary.unknown': 'contenido de tipo desconocido',
  'fallback.boot-failed':
    '{time}: el slot {slot} ({held, select, version {{version}} other {versión desconocida}}) no llegó a arrancar, {boots, plural, one {# arranque contado} other {# arranques contados}}',
  'fallback.unhealthy':
    '{time}: el slot {slot} ({held, select, version {{version}} other {versión desconocida}}) no pasó su comprobación, {boots, plural, one {# arranque contado} other {# arranques contados}}',
  'fallback.unloadable':
    '{time}: el slot {slot} ({held, select, version {{version}} other {versión desconocida}}) no se pudo cargar, {boots, plural, one {# arranque contado} other {# arranques contados}}',
  'fallback.gate-failed':
    '{time}: la comprobación del slot {slot} ({held, select, version {{version}} other {versión desconocida}}) no pudo hacer su trabajo, {boots, plural, one {# arranque contado} other {# arranques contados}}',
  'fallback.operator':
    '{time}: alguien abandonó el slot {slot} ({held, select, version {{version}} other {versión desconocida}}), {boots, plural, one {# arranque contado} other {# arranques contados}}',
  'override.slot-default': '{time}, {by}: slot {slot} elegido por defecto. Motivo: {reason}',
  'override.slot-once': '{time}, {by}: slot {slot} elegido para un arranque. Motivo: {reason}',
  'override.slot-good': '{time}, {by}: slot {slot} marcado como bueno. Motivo: {reason}',
  'override.slot-bad': '{time}, {by}: slot {slot} marcado como malo. Motivo: {reason}',
  'override.slot-reset': '{time}, {by}: intentos del slot {slot} puestos a cero. Motivo: {reason}',
  'override.older-release':
    '{time}, {by}: el slot {slot} recibió una versión anterior, contador {found, number} en vez de {known, number}. Motivo: {reason}',
  'override.as-written': '{time}, {by}: slot {slot}, {title}. Motivo: {reason}',
  'selftest.node': 'Node {node} en {system}.',
  'selftest.node-needed': 'Hace falta Node {least, number} o posterior.',
  'selftest.runner': 'Se inició un programa de escritura y respondió.',
  'selftest.disks': '{count, number} en el banco, {hidden, number} ocultos.',
  'selftest.root': 'Esta consola se ejecuta como root; es más de lo que necesita.',
  'selftest.no-disk': 'No hay ningún disco conectado; los archivos de imagen no necesitan permisos.',
  'selftest.all-writable':
    '{count, plural, one {Este usuario puede escribir el disco.} other {Este usuario puede escribir los # discos.}}',
  'selftest.consent-each': '{count, number} de {total, number} discos necesitan consentimiento en cada trabajo.',
  'selftest.consent-root': 'No hace falta: esta consola se ejecuta como root.',
  'selftest.consent-dialog': 'El propio sistema pregunta antes de escribir un disco.',
  'selftest.no-pkexec': 'pkexec no está instalado: no se pueden escribir discos de otros usuarios.',
  'selftest.agent': 'pkexec está, y {agent} puede preguntar.',
  'selftest.no-agent': 'pkexec está, pero no se vio ningún agente polkit: quizá nadie pueda responder.',
  'selftest.tools': 'Están todos los programas: {tools}.',
  'selftest.tool-missing': 'Falta {tool} ({remedy}).',
  'selftest.tool-missing-for':
    'Falta {tool}, para {use, select, xfs {esquemas con XFS} encryption {esquemas cifrados} other {restaurar /config}} ({remedy}).',
  'selftest.space': '{size} libres en la carpeta de datos.',
  'selftest.space-low': 'Quizá no se puedan guardar imágenes ni informes.',
  'selftest.clock': '{time} ({zone}).',
  'selftest.clock-behind': 'El reloj va atrasado: una imagen de la biblioteca es del {time}.',
  'selftest.clock-unknown': 'No se sabe si un servicio lo pone en hora.',
  'selftest.clock-kept': 'Un servicio lo pone en hora.',
  'selftest.clock-not-kept': 'Ningún servicio lo pone en hora.',
  'selftest.usb-unseen': 'Este sistema no muestra la velocidad de los puertos USB.',
  'selftest.usb-none': 'No se vio ningún controlador USB.',
  'selftest.usb-fastest': 'El controlador más rápido tiene {speed, number} Mbit/s.',
  'selftest.usb-slow': 'Lento: {path} con {speed, number} Mbit/s.',
  'selftest.usb-no-3': 'No hay USB 3.',
}
