// Room for requests of several disks: Node runs file requests on a few threads, and a disk that hangs keeps those it was
// given. Each further disk brings threads of its own, so that none waits for a thread that another one's disk holds.

/** Node's own number, and what one disk of a batch has under way: two writes and a request of its own. */
const THREADS = 4
const EACH = 3

/** To be called before the first request: the threads are made then. */
export function makeThreadRoom(disks: number, env: NodeJS.ProcessEnv = process.env): void {
  env.UV_THREADPOOL_SIZE = String(THREADS + EACH * disks)
}
