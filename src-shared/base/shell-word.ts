// Words of a command line that is meant to be copied: what a shell would read as something else is quoted.

/** Plain words stay as they are; everything else is put into single quotes (POSIX 2.2.2). */
export const shellWord = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** A command to copy. Words that begin with a dash are taken as options and stay bare. */
export const commandLine = (...words: readonly string[]): string =>
  words.map((word) => (/^--?[a-z][a-z-]*$/.test(word) ? word : shellWord(word))).join(' ')
