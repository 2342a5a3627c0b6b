// Lines of a stream whose other end may be hostile: no more than a limit of one is ever kept. A longer one is handed out cut
// off, one character too long, so that whoever checks its length refuses it.
import { StringDecoder } from 'node:string_decoder'

export async function* boundedLines(stream: AsyncIterable<Buffer>, limit: number): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream) {
    rest += decoder.write(chunk)
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      yield rest.slice(0, end).replace(/\r$/, '')
      rest = rest.slice(end + 1)
    }
    if (rest.length > limit) {
      yield rest.slice(0, limit + 1)
      return
    }
  }
  if (rest !== '') yield rest
}
