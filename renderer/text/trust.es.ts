// Spanish: the trust list.
import type { trustEn } from './trust.en.ts'

export const trustEs: Record<keyof typeof trustEn, string> = {
  'trust.title': 'Confianza',
  'trust.description':
    '{count, plural, =0 {No se confía en ninguna clave} one {Se confía en # clave; se acepta lo que firmó} other {Se confía en # claves; se acepta lo que firmaron}}',
  'trust.list': 'Claves de confianza',
  'trust.import': 'Importar claves',
  'trust.emptyTitle': 'Todavía no se confía en ninguna clave',
  'trust.emptyText':
    'Solo se aceptan imágenes firmadas con una clave de esta lista. Pida al fabricante la clave pública, impórtela y compare la huella por teléfono.',
  'trust.fingerprint': 'Huella',
  'trust.created': 'Creada',
  'trust.expires': 'Caduca',
  'trust.neverExpires': 'no caduca',
  'trust.algorithm': 'Algoritmo',
  'trust.signed': 'Firmó',
  'trust.signedImages':
    '{count, plural, =0 {ninguna imagen de la biblioteca} one {# imagen de la biblioteca} other {# imágenes de la biblioteca}}',
  'trust.noName': 'Clave sin nombre',
  'trust.state.usable': 'Utilizable',
  'trust.state.expired': 'Caducada',
  'trust.state.revoked': 'Revocada',
  'trust.state.weak': 'Demasiado débil',
  'trust.why.expired': 'No se aceptan firmas nuevas de esta clave. Pida al fabricante la clave renovada e impórtela.',
  'trust.why.revoked': 'El titular ha retirado esta clave. No se acepta nada de lo que firma.',
  'trust.why.weak':
    'Esta clave es demasiado corta, demasiado antigua o no sirve para firmar. No se acepta nada de lo que firma.',
  'trust.importTitle': 'Importar claves',
  'trust.importText':
    'Solo se admiten claves públicas. Quien tiene una clave así decide qué se escribe en sus discos; compare la huella con el titular antes de usarla.',
  'trust.armored': 'Texto de la clave',
  'trust.armoredHint': 'Empieza por -----BEGIN PGP PUBLIC KEY BLOCK-----',
  'trust.fromFile': 'Tomar de un archivo',
  'trust.importNow': 'Importar',
  'trust.fileTooLarge': 'Este archivo es demasiado grande para una lista de claves.',
  'trust.fileUnreadable': 'Este archivo no es una clave en forma de texto. Pida la clave como texto (ASCII armor).',
  'trust.imported':
    '{count, plural, =0 {Ninguna clave nueva: todas estaban ya en la lista.} one {Se añadió # clave. Compare su huella antes de usarla.} other {Se añadieron # claves. Compare sus huellas antes de usarlas.}}',
  'trust.compare': 'Comparar',
  'trust.compareTitle': 'Comparar la huella',
  'trust.compareText':
    'Llame al titular a un número que ya conozca. Uno lee los grupos en voz alta, el otro compara. Cada carácter debe ser igual.',
  'trust.compareGroup': 'Grupo {number, number}: {letters}',
  'trust.compareTyped': 'O escriba lo que le dicte el titular',
  'trust.compareEqual': 'Igual. Es la clave de quien le dio la huella.',
  'trust.compareSoFar':
    '{count, plural, one {El primer carácter es igual por ahora.} other {Los primeros # caracteres son iguales por ahora.}}',
  'trust.compareDiffers': 'Distinto en el grupo {group, number}. Si no es un error al escribir, no use esta clave.',
  'trust.compareTooLong': 'Más caracteres de los que tiene esta huella. Revise el último grupo.',
  'trust.compareWay': 'Modo de comparar',
  'trust.compareLetters': 'Caracteres',
  'trust.compareWords': 'Palabras',
  'trust.compareCode': 'Código QR',
  'trust.compareWordsText':
    'La misma huella en palabras inglesas, para una línea en la que las letras se entienden mal. Llame al titular a un número que ya conozca. Uno lee las palabras en voz alta, el otro compara. Todas las palabras deben ser iguales.',
  'trust.compareTypedWords': 'O escriba las palabras que le dicte el titular',
  'trust.compareSoFarWords':
    '{count, plural, =0 {Siga.} one {La primera palabra es igual hasta ahora.} other {Las primeras # palabras son iguales hasta ahora.}}',
  'trust.compareWord.differs':
    'La palabra {place, number} (grupo {group, number}) es distinta: «{word}». Si se entendió bien, no use esta clave.',
  'trust.compareWord.misplaced':
    'La palabra {place, number} (grupo {group, number}), «{word}», no puede estar aquí: falta una palabra, se dijo dos veces o se cambió de sitio. Empiece de nuevo por este grupo.',
  'trust.compareWord.unknown':
    'La palabra {place, number} (grupo {group, number}), «{word}», no está en la lista de palabras. Pida que la repitan.',
  'trust.compareTooManyWords': 'Más palabras de las que tiene esta huella. Revise el último grupo.',
  'trust.compareCodeText':
    'Para quien está a su lado: el código contiene la huella entera, en la forma que leen los programas OpenPGP de los teléfonos. Compare lo que muestran; no basta con escanear.',
  'trust.compareCodeLabel': 'Código QR de la huella',
  'trust.removeTitle': '¿Quitar la clave de {name}?',
  'trust.removeLoses': 'Lo que deja de ser de confianza',
  'trust.removeNothing': 'Ninguna imagen de la biblioteca ni slot del banco está firmado con esta clave.',
  'trust.removeImage': 'Imagen {name} ({file}): ya no se podrá usar',
  'trust.removeSlots':
    '{count, plural, one {# slot del banco está firmado con ella. Sigue arrancando; solo que aquí ya no se podrá comprobar.} other {# slots del banco están firmados con ella. Siguen arrancando; solo que aquí ya no se podrán comprobar.}}',
  'trust.removeLast': 'Es la última clave. Sin ninguna clave no se puede usar ninguna imagen.',
}
