// Program of its own: asks the library `drivelist` and prints what it says as JSON. Apart, because on Linux it runs lsblk
// without a time limit and elsewhere it is native code: second-opinion.ts can end this process.
import { list } from 'drivelist'

process.stdout.write(JSON.stringify(await list()))
