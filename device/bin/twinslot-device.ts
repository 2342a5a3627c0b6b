// First module of the bundle: the same file is every program of the appliance, and the thread that decodes blocks for them.
import { isMainThread } from 'node:worker_threads'

if (isMainThread) await import('../main.ts')
else await import('#node/codec/block-codec-worker.ts')
