// Who works here. A user number without an entry in the system's list of users (containers, services) is a user as well.
import { homedir, hostname, userInfo } from 'node:os'

/** The user's name, else the number (`uid-4242`). */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    // The list of users has no such number: the number is the name.
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}

/** `user@station`, for records; control characters cannot occur in either. */
export const operatorName = (): string => `${userName()}@${hostname()}`

/** The user's folder; null for a user without one who did not set $HOME. */
export function homeFolder(): string | null {
  try {
    return homedir()
  } catch {
    // No entry in the list of users.
    return null
  }
}
