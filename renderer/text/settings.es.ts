// Spanish: settings of the console.
import type { settingsEn } from './settings.en.ts'

export const settingsEs: Record<keyof typeof settingsEn, string> = {
  'settings.title': 'Ajustes',
  'settings.description': 'Los cambios valen enseguida, en cada ventana de esta consola.',
  'settings.appearance': 'Idioma y apariencia',
  'settings.language': 'Idioma',
  'settings.languageSystem': 'Como el sistema',
  'settings.theme': 'Tema',
  'settings.theme.system': 'Como el sistema',
  'settings.theme.light': 'Claro',
  'settings.theme.dark': 'Oscuro',
  'settings.followsSystem':
    'El contraste, la reducción de movimiento y el tamaño del texto siguen los ajustes de su sistema.',
  'settings.work': 'Trabajo en el banco',
  'settings.operator': 'Nombre del operador',
  'settings.operatorText': 'Figura en cada certificado. Déjelo vacío si no se debe guardar ningún nombre.',
  'settings.operatorSaved': 'Guardado.',
  'settings.sounds': 'Sonidos',
  'settings.soundsText':
    'Un sonido breve cuando una unidad queda verificada o le necesita. Lo que suena también se muestra.',
  'settings.assistive': 'Trabajo con tecnología de apoyo',
  'settings.assistiveText':
    'Iniciar se puede pulsar enseguida en lugar de a los dos segundos. La espera protege de un segundo clic accidental; con un lector de pantalla o un pulsador solo estorba. La confirmación escrita se mantiene.',
  'settings.neverTouch': 'Lista de no tocar',
  'settings.neverTouchText':
    'Los discos con estos números de serie no se escriben nunca, se pida lo que se pida. El programa que escribe lo comprueba por sí mismo.',
  'settings.neverTouchList': 'Números de serie que nunca se escriben',
  'settings.neverTouchNone': 'La lista está vacía.',
  'settings.serial': 'Número de serie',
  'settings.serialText': 'Como está impreso en el disco o como lo muestra el banco.',
  'settings.addSerial': 'Añadir a la lista',
  'settings.addFromBench': 'Añadir desde el banco',
  'settings.serialEmpty': 'Escriba un número de serie.',
  'settings.serialLong': 'Un número de serie tiene como máximo 64 caracteres.',
  'settings.serialKnown': 'Este número de serie ya está en la lista.',
  'settings.listFull': 'La lista está llena: admite 200 números de serie.',
  'settings.removeSerial': 'Quitar {serial} de la lista',
  'settings.onBench': 'ahora en el banco',
  'settings.serialAdded': '{serial} está en la lista.',
  'settings.serialRemoved': '{serial} ya no está en la lista.',
}
