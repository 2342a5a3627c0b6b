// Spanish: config drafts and their restore.
import type { configEn } from './config.en.ts'

export const configEs: Record<keyof typeof configEn, string> = {
  'config.description': 'Abrir una configuración, editarla y escribirla en una unidad.',
  'config.from': 'Borrador de {from}',
  'config.none': 'No hay ninguna configuración abierta',
  'config.noneText':
    'Abra una carpeta, o lea el /config de una unidad. Usted edita una copia; no se escribe nada sin su confirmación.',
  'config.openFolder': 'Abrir carpeta …',
  'config.openUnit': 'Leer de una unidad',
  'config.unitOption': '/config de {name}',
  'config.chooseFolder': 'Elija una carpeta',
  'config.noFolder': 'No hay carpetas para elegir. Póngala en la carpeta de la consola para configuraciones.',
  'config.notOpened': 'No se pudo abrir la configuración',
  'config.files': 'Archivos',
  'config.chooseFile': 'Elija un archivo.',
  'config.secret': 'secreto, oculto',
  'config.secretTitle': 'Este archivo es secreto',
  'config.secretText':
    'Se queda como está ({size}); aquí no se muestra ni se edita. Cámbielo en la carpeta de la que viene y vuelva a abrirla.',
  'config.binary': 'Este archivo no es texto ({size}). Se queda como está.',
  'config.checking': 'Aún sin comprobar …',
  'config.kept': 'Guardado en el borrador',
  'config.notKept': 'El cambio no se ha guardado',
  'config.tabHint': 'Tab sale del editor.',
  'config.validation': 'Comprobación',
  'config.valid': 'No se han encontrado errores.',
  'config.mistakes': '{count, plural, =0 {sin errores} one {# error} other {# errores}}',
  'config.fileLine': '{file}, línea {line, number}',
  'config.toProvision':
    '{count, plural, one {Usarla para aprovisionar # unidad elegida} other {Usarla para aprovisionar # unidades elegidas}}',
  'config.restoreText':
    'Sustituye todos los archivos de /config de la unidad por este borrador. Los slots y los datos se conservan.',
  'config.withMistakes': '{count, plural, one {Restaurar a pesar de # error} other {Restaurar a pesar de # errores}}',
  'config.restoreUnit': 'Unidad que se restaura',
  'config.chooseUnit': 'Elija una unidad',
  'config.unitSize': '{name} – {size}',
  'config.unitBusy': 'Hay un trabajo en curso en esta unidad.',
  'config.obstacle.no-draft': 'Abra primero una configuración.',
  'config.obstacle.unsaved': 'El último cambio aún se está comprobando.',
  'config.obstacle.mistakes': 'Corrija o acepte primero los errores.',
  'config.obstacle.no-unit': 'Elija primero la unidad.',
}
