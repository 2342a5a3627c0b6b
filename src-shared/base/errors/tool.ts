// Error codes of programs of the operating system that we call; see define.ts for the shape.
import { defineErrors } from './define.ts'

export const toolErrors = defineErrors({
  'tool.missing': {
    message: 'The program {tool} is needed and was not found.',
    remedy: 'Install it: {remedy}.',
    kind: 'unfit',
    retry: 'fix',
  },
  'tool.failed': {
    message: 'The program {tool} ended with {code}: {stderr}',
    remedy:
      'Read what the program says; if it complains about space or permission, fix that and run the command again.',
    kind: 'failed',
    retry: 'fix',
  },
  'tool.timeout': {
    message: 'The program {tool} was stopped because it took longer than {seconds} seconds.',
    remedy: 'Check whether the machine or its disk is overloaded and run the command again.',
    kind: 'failed',
    retry: 'again',
  },
})
