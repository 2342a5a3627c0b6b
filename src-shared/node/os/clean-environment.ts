// Which variables of a caller reach our programs and what they start. A list of what passes, so that one nobody thought of
// does not: none that loads code (NODE_OPTIONS, LD_PRELOAD, OPENSSL_CONF), moves a trust anchor (NODE_EXTRA_CA_CERTS,
// SSL_CERT_FILE) or weakens a check (NODE_TLS_REJECT_UNAUTHORIZED). A program that acts for another keeps the language only.

const LANGUAGE = /^(LANG|LANGUAGE|LC_[A-Z]+|TERM|NO_COLOR)$/

const OWN = new RegExp(
  `^(${[
    'PATH|HOME|USER|LOGNAME|SHELL|PWD|TZ|COLORTERM|FORCE_COLOR|COLUMNS|LINES|TMPDIR|HOSTNAME',
    'XDG_[A-Z_]+|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DBUS_SESSION_BUS_ADDRESS|SSH_CONNECTION|APPIMAGE|SUDO_ASKPASS',
    'TWINSLOT_[A-Z_]+|SOURCE_DATE_EPOCH|GNUPGHOME|DEBIAN_FRONTEND',
    'https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY',
    // What systemd tells a service.
    'NOTIFY_SOCKET|WATCHDOG_(PID|USEC)|INVOCATION_ID|JOURNAL_STREAM|(STATE|RUNTIME|CREDENTIALS)_DIRECTORY',
    // Windows does not start programs without some of these.
    'SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|TEMP|TMP|USERPROFILE|USERNAME|COMPUTERNAME|HOMEDRIVE|HOMEPATH',
    'APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES(\\(X86\\))?|PROCESSOR_ARCHITECTURE|NUMBER_OF_PROCESSORS|OS',
  ].join('|')})$`,
)
const WINDOWS = process.platform === 'win32'

/** Where the system's own programs are; what a caller put in front of them is not asked. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface CleanFor {
  /** The program acts with more rights than the one whose environment it is. */
  readonly forAnother: boolean
}

const passes = (name: string, { forAnother }: CleanFor): boolean => {
  const word = WINDOWS ? name.toUpperCase() : name
  return LANGUAGE.test(word) || (!forAnother && OWN.test(word))
}

/** What of an environment is passed on. */
export function cleanEnvironment(env: NodeJS.ProcessEnv, how: CleanFor = { forAnother: false }): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => passes(name, how))
  return { ...Object.fromEntries(kept), ...(how.forAnother && !WINDOWS ? { PATH: SYSTEM_PATH, HOME: '/root' } : {}) }
}

/** The same for the environment that this program was started with; before anything reads it or starts another program. */
export function scrubEnvironment(env: NodeJS.ProcessEnv, how: CleanFor = { forAnother: false }): void {
  const clean = cleanEnvironment(env, how)
  for (const name of Object.keys(env)) if (clean[name] === undefined) delete env[name]
  Object.assign(env, clean)
}
