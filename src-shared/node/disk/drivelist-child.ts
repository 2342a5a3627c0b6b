// Program of its own: asks the library `drivelist` and prints what it says as JSON. Apart, because on Linux it runs lsblk
// without a time limit and elsewhere it is native code: second-opinion.ts can end this process.

/** On Linux the library is plain JavaScript around lsblk; its entry would load the native part that only others need. */
async function ask(): Promise<unknown> {
  if (process.platform === 'linux') return await (await import('drivelist/js/lsblk/index.js')).lsblk()
  return await (await import('drivelist')).list()
}

process.stdout.write(JSON.stringify(await ask()))
